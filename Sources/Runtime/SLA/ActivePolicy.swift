import Expressions
import JSON
import Resources
import Store

/// A live `SLAPolicy`.
struct ActivePolicy: Sendable {
    let name: String
    let resolveWithin: Duration
    private let condition: Program

    private static let declarations = Declarations(["event": .dyn])

    /// - Throws: `CompilationError`.
    init(name: String, spec: SLAPolicySpec) throws {
        self.name = name
        resolveWithin = spec.resolveWithin
        condition = try Program.compile(spec.condition, in: Self.declarations)
    }

    /// Whether it covers a ticket. A condition that fails, for example on a field that the ticket does not have, does
    /// not.
    func covers(_ ticket: JSONObject) -> Bool {
        let event: CELValue = .record(["data": CELValue(.object(ticket))])
        return (try? condition.holds(Activation(["event": event]))) ?? false
    }
}

extension RuntimeConfiguration {
    /// When a ticket has to be resolved: the earliest due time of the policies that cover it.
    func deadline(of ticket: JSONObject, createdAt: UnixTime) -> UnixTime? {
        policies.filter { $0.covers(ticket) }.map { createdAt + $0.resolveWithin }.min()
    }
}
