import Foundation
import GitSource
import TestSupport
import Testing

extension GitChildCommand {
    /// The executable that the package builds beside the tests.
    static let test = GitChildCommand(
        executable: URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "git-child").path, arguments: [])
}

/// A cache in a folder of its own.
struct TestCache {
    let folder: TestFolder
    let cache: GitCache

    init(
        _ url: String, ref: String? = nil, path: String = ".", credentials: GitCredentials = GitCredentials(),
        timeout: Duration = .seconds(30), limits: GitLimits = GitLimits(), in folder: TestFolder? = nil
    ) throws {
        let folder = try folder ?? TestFolder()
        self.folder = folder
        cache = try GitCache(
            directory: folder.appending("cache"),
            remote: GitRemote(url: url, ref: ref, path: path, credentials: credentials, timeout: timeout),
            child: .test, limits: limits)
    }
}

extension TestCache {
    /// The cache folder.
    var path: String { folder.appending("cache") }

    /// The only clone in it.
    var clone: String {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: path).filter {
                $0.hasSuffix(".git")
            }
            return try "\(path)/\(#require(names.first))"
        }
    }

    /// The packs of the clone.
    var packs: [String] {
        get throws {
            let folder = try clone + "/objects/pack"
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".pack") }.map { "\(folder)/\($0)" }
        }
    }

    /// Fails unless git itself finds everything in the clone that its references reach, and intact.
    func check() async throws {
        try await TestCommand.run(["git", "--git-dir", clone, "fsck", "--full", "--no-dangling"])
    }

    /// Writes a file anywhere below the cache folder.
    func write(_ text: String, to path: String) throws {
        let file = URL(filePath: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}
