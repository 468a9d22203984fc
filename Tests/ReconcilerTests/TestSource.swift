import Reconciler
import Resources
import Synchronization

/// A source whose content a test changes at will.
final class TestSource: Sendable {
    struct Unreachable: Error, CustomStringConvertible {
        var description: String { "no route to host" }
    }

    private struct State {
        var files: [String: String]
        var commit = 1
        var isReachable = true
        var isReadable = true
        var isRewritten = false
        var isSigned = true
        /// Who may sign; nil asks for no signatures.
        var signers: String?
        var fetches = 0
        /// Paths whose content was handed out.
        var read: [String] = []
        /// The files of all snapshots, by content id.
        var snapshots: [String: [String: String]] = [:]
    }

    private let state: Mutex<State>

    init(_ files: [String: String]) { state = Mutex(State(files: files)) }

    var fetches: Int { state.withLock(\.fetches) }
    func takeRead() -> [String] {
        state.withLock { state in
            defer { state.read = [] }
            return state.read.sorted()
        }
    }

    /// A commit with these files.
    func push(_ files: [String: String], isRewritten: Bool = false, signed: Bool = true) {
        state.withLock {
            $0.files = files
            $0.commit += 1
            $0.isRewritten = isRewritten
            $0.isSigned = signed
        }
    }

    func set(isReachable: Bool) { state.withLock { $0.isReachable = isReachable } }
    func set(signers: String, isSigned: Bool = true) {
        state.withLock {
            $0.signers = signers
            $0.isSigned = isSigned
        }
    }
    func set(isReadable: Bool) { state.withLock { $0.isReadable = isReadable } }

    var source: DesiredSource {
        DesiredSource(description: "test main .") { try self.snapshot() }
    }

    private func file(_ path: String, _ text: String) -> ConfigurationFile {
        ConfigurationFile(path: path, contentID: ResourceDigest(of: text).hex) {
            self.state.withLock { $0.read.append(path) }
            return Array(text.utf8)
        }
    }

    private func snapshot() throws -> SourceSnapshot {
        let now = try state.withLock { state in
            state.fetches += 1
            guard state.isReachable else { throw Unreachable() }
            return state
        }
        let listing = now.files.sorted { $0.key < $1.key }
        let contentID = ResourceDigest(of: listing.map { "\($0) \($1)" }.joined(separator: "\n")).hex
        state.withLock { $0.snapshots[contentID] = now.files }
        return SourceSnapshot(
            revision: SourceRevision(
                commit: "c\(now.commit)", subject: "Change \(now.commit)", reference: "main"),
            contentID: contentID,
            files: { basis in
                guard now.isReadable else { throw Unreachable() }
                let files = listing.map(self.file)
                let next = SourceBasis(contentID: contentID)
                guard let basis, let known = self.state.withLock({ $0.snapshots[basis.contentID] }) else {
                    return SourceFiles(.all(files), basis: next)
                }
                return SourceFiles(
                    .changes(
                        FileChanges(
                            updated: files.filter { now.files[$0.path] != known[$0.path] },
                            removed: known.keys.filter { now.files[$0] == nil })), basis: next)
            },
            history: { _ in now.isRewritten ? .rewritten : .descends },
            verification: now.signers.map { signers in
                SourceSnapshot.Verification(id: signers) { _ in
                    now.isSigned
                        ? []
                        : [
                            .init(
                                id: "c\(now.commit)", subject: "Change \(now.commit)",
                                reason: "it is not signed")
                        ]
                }
            })
    }
}
