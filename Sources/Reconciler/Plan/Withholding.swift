package import Store

/// Resources that stay as they are live although the desired state says something else, each with the reason.
package struct Withholding: Sendable, Equatable {
    /// By id, for example `Subscription/erp`.
    private var reasons: [String: String] = [:]

    package init() {}

    /// What people have suspended.
    package init(_ suspensions: [Suspension]) {
        for case let suspension in suspensions {
            guard case .resource(let id) = suspension.target else { continue }
            reasons[id] = "suspended \(suspension.summary)"
        }
    }

    package var isEmpty: Bool { reasons.isEmpty }

    package mutating func add(_ id: String, reason: String) { reasons[id] = reasons[id] ?? reason }

    func reason(for kind: String, _ name: String) -> String? {
        reasons.isEmpty ? nil : reasons["\(kind)/\(name)"]
    }

    package subscript(id: String) -> String? { reasons[id] }
}

extension Suspension {
    /// `by mia since 2026-05-05T11:45:07Z until 2026-05-05T13:45:07Z: moving house`
    package var summary: String {
        "by \(createdBy) since \(since)" + (until.map { " until \($0)" } ?? "")
            + (reason.isEmpty ? "" : ": \(reason)")
    }
}
