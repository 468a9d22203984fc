import Reconciler
import Resources
import Synchronization

/// Files of which one changes whenever the benchmark says so; as a git repository reads, without git.
final class ChangingSource: Sendable {
    private let files: [ConfigurationFile]
    private let version = Mutex(0)

    init(_ files: [ConfigurationFile]) { self.files = files }

    func change() { version.withLock { $0 += 1 } }

    var source: DesiredSource {
        DesiredSource(description: "bench") {
            let version = self.version.withLock { $0 }
            return SourceSnapshot(
                revision: SourceRevision(commit: "\(version)", subject: "", reference: "main"),
                contentID: "\(version)", files: { self.files(version, since: $0) })
        }
    }

    private func files(_ version: Int, since basis: SourceBasis?) -> SourceFiles {
        let text = ReconcilerBenchmarks.subscription(0, url: "changed-\(version)")
        let changed = ConfigurationFile(path: "s0.yaml", contentID: "\(version)", bytes: Array(text.utf8))
        let content: SourceFiles.Content =
            if basis != nil {
                .changes(FileChanges(updated: [changed], removed: []))
            } else {
                .all(version == 0 ? files : files.map { $0.path == "s0.yaml" ? changed : $0 })
            }
        return SourceFiles(content, basis: SourceBasis(contentID: "\(version)"))
    }
}
