import JSON
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
        /// A subscription with `suspend`; its deliveries stay pending.
        case suspended = "Suspended"
        /// Its receiver answered 410, and nothing better since.
        case receiverGone = "ReceiverGone"
        /// Its receiver failed so often that it is left alone for a while.
        case breakerOpen = "BreakerOpen"
        /// The live form cannot be read by this version.
        case unreadable = "Unreadable"

        /// For people, in a sentence.
        package var words: String {
            switch self {
            case .receiverGone: "receiver gone"
            case .breakerOpen: "breaker open"
            default: rawValue.lowercased()
            }
        }
    }

    package let kind: String
    package let name: String
    package private(set) var condition: Condition
    /// Why it is not ready, or what is not as it should be although it is; empty when all is well.
    package private(set) var message: String
    /// Where the applied commit declares it.
    package let file: String
    package let line: Int
    package let commit: String
    package let isProtected: Bool
    /// Pending deliveries, for subscriptions.
    package let pending: Int?
    /// Who suspended it and why; nil when nobody did.
    package let suspended: String?
    /// Of a subscription, where the process that delivers was asked.
    package private(set) var receiver: ReceiverStatus?

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
        commit: String, isProtected: Bool, pending: Int?, suspended: String?, receiver: ReceiverStatus?
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
        self.receiver = receiver
    }

    /// The same with what the process that delivers knows of the receiver.
    func noting(_ receiver: ReceiverStatus) -> ResourceStatus {
        var copy = self
        copy.receiver = receiver
        let notice = receiver.notice.map { "; \($0)" } ?? ""
        switch condition {
        case .ready where receiver.isGone, .suspended where receiver.isGone:
            (copy.condition, copy.message) = (.receiverGone, "the receiver answered 410\(notice)")
        case .ready where receiver.breaker == .open:
            (copy.condition, copy.message) = (.breakerOpen, receiver.notice ?? "")
        default:
            copy.message = [message, receiver.notice ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
        }
        return copy
    }

    private static func isSuspended(_ canonical: String) throws -> Bool {
        try JSONValue(parsing: canonical)["spec"]?["suspend"]?.bool == true
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
        let isSubscription = resource.kind == "Subscription"
        guard isSubscription || problems.contains(where: { !$0.value.isEmpty }) else { return (.ready, "") }
        do {
            let missing = try SecretUses.names(in: resource.canonical, kind: resource.kind)
                .filter { problems[$0.name]?.isEmpty == false }
            let needed = missing.filter(\.isNeeded)
            guard needed.isEmpty else { return (.waiting, unresolved(needed.map(\.name))) }
            let isSuspended = try isSubscription && Self.isSuspended(resource.canonical)
            if isSuspended { return (.suspended, "`suspend` is set, deliveries wait") }
            return (.ready, missing.isEmpty ? "" : "the previous \(unresolved(missing.map(\.name)))")
        } catch {
            return (.unreadable, "\(error)")
        }
    }

    private static func unresolved(_ names: [String]) -> String {
        let list = names.map { "secret:\($0)" }.joined(separator: ", ")
        return "\(list) \(names.count == 1 ? "does" : "do") not resolve"
    }
}
