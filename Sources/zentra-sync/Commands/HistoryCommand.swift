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

    @OptionGroup var state: StateOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run() async throws {
        let store = try state.openForReading()
        let revisions = try await store.revisions(limit: limit)
        let pin = try await store.suspensions(now: .now()).first { $0.target == .rollback }?.pinnedSerial
        try store.close()
        switch format {
        case .json:
            Console.standard.print(JSONValue.object(["items": .array(revisions.map(\.json))]).prettyText)
        case .human:
            var table = Table([
                "REVISION", "APPLIED", "RESULT", "COMMIT", "CHANGES", "TOOK", "BY", "SUBJECT",
            ])
            for revision in revisions { table.add(row(revision, isPinned: revision.serial == pin)) }
            Console.standard.write(table.text)
        }
    }

    private func row(_ revision: Revision, isPinned: Bool) -> [String] {
        [
            "\(revision.serial)", "\(revision.appliedAt)",
            revision.result.rawValue + (isPinned ? ", pinned" : ""), String(revision.commit.prefix(7)),
            "+\(revision.created) ~\(revision.updated) -\(revision.deleted)",
            "\(revision.duration.milliseconds) ms", ShownText.line(revision.appliedBy),
            ShownText.line(revision.subject),
        ]
    }
}
