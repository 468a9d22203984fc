import ArgumentParser
import JSON
import Reconciler
import Store

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What was applied when, from which commit, and by whom.")

    @Option(help: "How many revisions, newest first; the last 100 are kept.")
    var limit = 20

    @Option(help: "human or json.")
    var format = ListFormat.human

    @OptionGroup var live: LiveOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run() async throws {
        let history = try await history().first(limit)
        switch format {
        case .json: Console.standard.print(history.json.prettyText)
        case .human:
            guard !history.revisions.isEmpty else {
                return Console.standard.note("nothing was applied yet")
            }
            var table = Table([
                .init("REVISION"), .init("APPLIED", .time), .init("RESULT"), .init("COMMIT"),
                .init("CHANGES"), .init("TOOK", .optional), .init("BY", .cut), .init("SUBJECT", .cut),
            ])
            for revision in history.revisions {
                table.add(row(revision, isPinned: revision.serial == history.pinned))
            }
            Console.standard.write(table.text())
        }
    }

    private func history() async throws -> RevisionHistory {
        if let server = try live.namedServer() {
            return try SidecarClient.understood(
                RevisionHistory(answer: try await server.get("/api/v1/revisions")), "what was applied")
        }
        let store = try live.state.openForReading()
        let history = try await RevisionHistory.read(from: store, now: .now())
        try store.close()
        return history
    }

    private func row(_ revision: Revision, isPinned: Bool) -> [String] {
        [
            "\(revision.serial)", "\(revision.appliedAt)",
            revision.result.rawValue + (isPinned ? ", pinned" : ""), String(revision.commit.prefix(7)),
            "+\(revision.created) ~\(revision.updated) -\(revision.deleted)",
            "\(revision.duration.milliseconds) ms", ShownText.line(revision.appliedBy),
            ShownText.line(ShownText.short(revision.subject)),
        ]
    }
}
