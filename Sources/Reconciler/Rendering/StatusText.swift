package import Store

/// The status for people.
package struct StatusText: Sendable {
    private let status: SyncStatus
    private let palette: PlanPalette

    package init(_ status: SyncStatus, palette: PlanPalette = .plain) {
        self.status = status
        self.palette = palette
    }

    package var text: String {
        var rows: [(String, String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { rows.append((name, value)) }
        }
        add("Source", ShownText.line(status.sync.source))
        add("Applied", applied)
        add("Sync", result)
        add("Seen", seen)
        for suspension in status.suspensions { add("Stopped", stopped(suspension)) }
        add("Drift", drift)
        add("Applying", status.lease.map { ShownText.line($0.description(now: status.now)) })
        add("Resources", counts)
        let head = rows.map { "\($0.0.padded(11))\($0.1)\n" }.joined()
        return head + resources + history
    }

    /// `4f2c9e1 “Page on-call”, serial 41, 3m ago`
    private var applied: String {
        let sync = status.sync
        guard let time = sync.appliedAt else { return "nothing yet" }
        let commit = [
            String(sync.appliedCommit.prefix(7)),
            sync.appliedSubject.isEmpty ? "" : "“\(ShownText.line(ShownText.short(sync.appliedSubject)))”",
        ].filter { !$0.isEmpty }.joined(separator: " ")
        return [commit, "serial \(status.serial)", ago(time)].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private var result: String {
        let sync = status.sync
        let when = sync.lastAttempt.map { ", \(ago($0))" } ?? ""
        let why = sync.reason.isEmpty ? "" : " (\(sync.reason)): \(ShownText.line(sync.message))"
        switch sync.result {
        case .never: return "never"
        case .synced: return palette.paint("synced", .green) + when
        case .held: return palette.paint("held", .yellow) + when + why
        case .failed:
            let times = sync.failures > 1 ? ", \(sync.failures) times in a row" : ""
            let good = sync.lastSuccess.map { "; last success \(ago($0))" } ?? ""
            return palette.paint("failed", .red) + when + times + why + good
        }
    }

    /// `all, by mia since …: moving house`
    private func stopped(_ suspension: Suspension) -> String {
        palette.paint(Self.stopped(suspension), .yellow)
    }

    /// `Subscription/erp, by ada since 2026-05-05T12:00:00Z: the ERP moves`
    package static func stopped(_ suspension: Suspension) -> String {
        let what =
            switch suspension.target {
            case .all: "syncing"
            case .rollback: "everything but revision \(suspension.pinnedSerial.map(String.init) ?? "")"
            case .resource(let id): id
            }
        return ShownText.line("\(what), \(suspension.summary)")
    }

    /// What was healed within a day.
    private var drift: String? {
        guard !status.drifts.isEmpty else { return nil }
        let names = status.drifts.prefix(5).map { drift in
            drift.count == 1 ? drift.id : "\(drift.id) (\(drift.count) times)"
        }
        let rest = status.drifts.count > 5 ? ", …" : ""
        return "changed outside of git and healed within a day: \(names.joined(separator: ", "))\(rest)"
    }

    /// Only while it is not the applied one.
    private var seen: String? {
        let sync = status.sync
        return sync.seenCommit == sync.appliedCommit ? nil : "\(sync.seenCommit.prefix(7)), not applied"
    }

    private var counts: String {
        let parts = ResourceStatus.Condition.allCases.compactMap { condition in
            status.count(condition) > 0
                ? "\(status.count(condition)) \(condition.words)" : nil
        }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    private var resources: String {
        guard !status.resources.isEmpty else { return "" }
        let width = status.resources.map(\.id.count).max() ?? 0
        let conditionWidth = max(10, status.resources.map(\.condition.rawValue.count).max() ?? 0) + 2
        let lines = status.resources.map { resource in
            let condition = resource.condition.rawValue.padded(conditionWidth)
            let pending = resource.pending.flatMap { $0 > 0 ? "\($0) pending" : nil } ?? ""
            let suspended = resource.suspended.map { ShownText.line($0) } ?? ""
            let notes = [pending, ShownText.line(resource.message), suspended].filter { !$0.isEmpty }.joined(
                separator: "; ")
            let line = "  \(resource.id.padded(width))  \(condition)\(notes)"
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        return "\n" + lines.joined(separator: "\n") + "\n"
    }

    private var history: String {
        guard !status.revisions.isEmpty else { return "" }
        let lines = status.revisions.map { revision in
            "  \(String(revision.serial).padded(6))\(String(revision.commit.prefix(7)).padded(9))"
                + "+\(revision.created) ~\(revision.updated) -\(revision.deleted)  "
                + "\(ago(revision.appliedAt).padded(10))  \(ShownText.line(ShownText.short(revision.subject)))"
        }
        return "\nRevisions\n" + lines.joined(separator: "\n") + "\n"
    }

    private func ago(_ time: UnixTime) -> String { Self.age(status.now - time) + " ago" }

    /// One or two units: `45s`, `3m`, `2h 5m`, `4d 3h`.
    static func age(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m"
        case ..<86400: return "\(seconds / 3600)h \(seconds % 3600 / 60)m"
        default: return "\(seconds / 86400)d \(seconds % 86400 / 3600)h"
        }
    }
}
