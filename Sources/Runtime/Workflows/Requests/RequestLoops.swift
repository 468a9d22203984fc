import NIOCore
import NIOPosix
import Synchronization

/// The event loops of the client: whoever is on one stays there, so that nothing is handed over, unless it has far more
/// under way than another.
final class RequestLoops: Sendable {
    private final class Place: Sendable {
        let loop: any EventLoop
        /// Requests under way.
        let count = Atomic(0)

        init(_ loop: any EventLoop) { self.loop = loop }
    }

    private let places: [Place]

    /// What a loop may have more under way than another. Requests that wait go to the loop that has just become free, so
    /// without a bound one of them would come to have nearly all.
    private static let tolerance = 16

    init(_ group: some EventLoopGroup) { places = group.makeIterator().map(Place.init) }

    /// The one that this is called on; nil on any other thread.
    var current: (any EventLoop)? { place?.loop }

    private var place: Place? {
        guard let current = MultiThreadedEventLoopGroup.currentEventLoop else { return nil }
        return places.first { $0.loop === current }
    }

    /// Where the next request goes; it counts until it is given back.
    func take() -> any EventLoop {
        // Looked at one after the other: near enough.
        let counts = places.map { $0.count.load(ordering: .relaxed) }
        let least = counts.min() ?? 0
        let calm = counts.firstIndex(of: least) ?? 0
        var chosen = places[calm]
        if let place, place.count.load(ordering: .relaxed) <= least + Self.tolerance { chosen = place }
        chosen.count.wrappingAdd(1, ordering: .relaxed)
        return chosen.loop
    }

    func giveBack(_ loop: any EventLoop) {
        places.first { $0.loop === loop }?.count.wrappingSubtract(1, ordering: .relaxed)
    }
}
