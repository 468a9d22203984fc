import Store

/// What is known of one live resource.
package struct ResourceStatus: Sendable, Equatable {
    package enum Condition: String, Sendable, CaseIterable {
        case ready = "Ready"
        /// A secret reference whose value cannot be had.
        case unresolved = "Unresolved"
        /// A secret reference that no sidecar has read yet.
        case unread = "Unread"
        /// Needs a secret that does not resolve; deliveries stay pending, endpoints and tokens refuse.
        case waiting = "Waiting"
        /// The live form cannot be read by this version.
        case unreadable = "Unreadable"
    }

    package let kind: String
    package let name: String
    package let condition: Condition
    /// Why it is not ready; empty when it is.
    package let message: String
    /// Where the applied commit declares it.
    package let file: String
    package let line: Int
    package let commit: String
    package let isProtected: Bool
    /// Pending deliveries, for subscriptions.
    package let pending: Int?
    /// Who suspended it and why; nil when nobody did.
    package let suspended: String?

    package var id: String { "\(kind)/\(name)" }

    /// - Parameter problems: of the secrets that have been read, by name; empty for one that resolves.
    init(_ resource: LiveResource, problems: [String: String], pending: [String: Int], suspended: String?) {
        self.suspended = suspended
        kind = resource.kind
        name = resource.name
        file = resource.file
        line = resource.line
        commit = resource.commit
        isProtected = resource.isProtected
        self.pending = resource.kind == "Subscription" ? pending[resource.name] ?? 0 : nil
        (condition, message) = Self.condition(of: resource, problems: problems)
    }

    init(
        kind: String, name: String, condition: Condition, message: String, file: String, line: Int,
        commit: String, isProtected: Bool, pending: Int?, suspended: String?
    ) {
        self.kind = kind
        self.name = name
        self.condition = condition
        self.message = message
        self.file = file
        self.line = line
        self.commit = commit
        self.isProtected = isProtected
        self.pending = pending
        self.suspended = suspended
    }

    private static func condition(
        of resource: LiveResource, problems: [String: String]
    ) -> (Condition, String) {
        if resource.kind == "SecretReference" {
            guard let problem = problems[resource.name] else {
                return (.unread, "no sidecar has read it yet")
            }
            return problem.isEmpty ? (.ready, "") : (.unresolved, problem)
        }
        guard problems.contains(where: { !$0.value.isEmpty }) else { return (.ready, "") }
        do {
            let missing = try SecretUses.names(in: resource.canonical, kind: resource.kind)
                .filter { problems[$0]?.isEmpty == false }
            guard !missing.isEmpty else { return (.ready, "") }
            let names = missing.map { "secret:\($0)" }.joined(separator: ", ")
            return (.waiting, "\(names) \(missing.count == 1 ? "does" : "do") not resolve")
        } catch {
            return (.unreadable, "\(error)")
        }
    }
}
