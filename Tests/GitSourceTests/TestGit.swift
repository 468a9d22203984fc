import Foundation
import GitSource
import TestSupport

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
