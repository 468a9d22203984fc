import CLibGit2
import Glibc

/// The folder that holds the bare clone: what is where, and whose it is.
///
/// ```
/// DIR/lock               flock: shared while objects are read, exclusive while they change
/// DIR/<url>.git/         the bare clone of one URL
/// DIR/<url>.git/sound    in which boot the clone was last whole; away while it changes (`CacheCondition`)
/// DIR/<url>.git/damaged  a read found the clone broken
/// DIR/<url>.new/         a clone that is not complete yet
/// DIR/<url>.old/         a clone that was replaced
/// DIR/home/              the private home of the child process
/// DIR/verification-…/    what gpgv looks at during a check
/// ```
struct CacheFolder: Sendable {
    let path: String
    let repository: String
    var lock: String { path + "/lock" }
    var home: String { path + "/home" }
    var replacement: String { key + ".new" }
    var replaced: String { key + ".old" }
    private let key: String

    init(_ path: String, for url: RemoteURL) {
        self.path = path
        key = path + "/" + Self.name(of: url)
        repository = key + ".git"
    }

    /// Makes the folder, and checks that nobody else can write to it.
    func prepare() throws(GitError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw GitError(
                .cacheUnusable, "cannot make the cache folder `\(path)`: \(SystemError.last)",
                hint: "give another one with --cache-dir")
        }
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw GitError(.cacheUnusable, "the cache folder `\(path)` is not a folder")
        }
        guard information.st_uid == geteuid() else {
            throw GitError(.cacheUnusable, "the cache folder `\(path)` belongs to another user")
        }
        guard information.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
            throw GitError(.cacheUnusable, "cannot protect the cache folder `\(path)`: \(SystemError.last)")
        }
    }

    func makeHome() throws(GitError) {
        guard mkdir(home, 0o700) == 0 else {
            throw GitError(.cacheUnusable, "cannot make `\(home)`: \(SystemError.last)")
        }
    }

    /// Stable for a URL; the URL itself does not fit into a file name.
    private static func name(of url: RemoteURL) -> String {
        LibGit2.initialize()
        let text = url.description
        var id = git_oid()
        // Only fails without memory.
        precondition(git_odb_hash(&id, text, text.utf8.count, GIT_OBJECT_BLOB) == 0, "cannot hash")
        return String(ObjectID(id).hex.prefix(16))
    }
}
