/// The steps of a run by their addresses.
///
/// What is known of a step is large, and most of it stays as it is. So each has a place of its own: a copy of the table
/// costs a reference for each step, and a change makes one of them anew.
package struct StepTable: Sendable, Sequence {
    private final class Place: Sendable {
        let state: StepState

        init(_ state: StepState) { self.state = state }
    }

    private var places: [StepAddress: Place] = [:]

    init() {}

    package var count: Int { places.count }
    package var isEmpty: Bool { places.isEmpty }

    package internal(set) subscript(address: StepAddress) -> StepState? {
        get { places[address]?.state }
        set { places[address] = newValue.map(Place.init) }
    }

    subscript(address: StepAddress, default initial: @autoclosure () -> StepState) -> StepState {
        get { places[address]?.state ?? initial() }
        set { places[address] = Place(newValue) }
    }

    /// In no particular order.
    package func makeIterator() -> AnyIterator<(key: StepAddress, value: StepState)> {
        var iterator = places.makeIterator()
        return AnyIterator { iterator.next().map { ($0.key, $0.value.state) } }
    }
}
