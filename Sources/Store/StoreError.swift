import GRDB
import Glibc

/// Why the state cannot be used, in words for the person who runs the process.
package enum StoreError: Error, Equatable {
    /// There is no state at the path and the caller may not create one.
    case missing(path: String)
    /// The file or its folder cannot be opened, read or written.
    case inaccessible(path: String, reason: String)
    /// There is no room for the file, or for more of it.
    case full(path: String)
    /// The file has another name too, a hard link.
    case linked(path: String)
    /// The file that was opened, or one beside it, is not at its path any more.
    case displaced(path: String)
    /// There is no thread to write the state with.
    case threadless(path: String, reason: String)
    /// A state cannot be read where nothing can be written.
    case readOnlyFolder(path: String, folder: String)
    /// The file is not a state of zentra-sync.
    case foreign(path: String)
    /// The file was a state, and SQLite finds it damaged.
    case damaged(path: String, reason: String)
    /// A newer zentra-sync has migrated the state.
    case newer(path: String)
    /// The state is older than this binary and the caller may not migrate it.
    case older(path: String)
    /// Another process runs this state.
    case locked(path: String, owner: String)
    /// The lease for applies is held.
    case leaseHeld(owner: String)
    /// The process is stopping; the work was not begun.
    case closed
    /// Too much waits to be written; the work was not begun.
    case overloaded
    /// SQLite refused a statement: an input-output error, for instance.
    case database(String)
    /// The folder of the state has a key that belongs to another state, or none that is readable.
    case key(path: String, reason: String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path): "there is no state at \(path)"
        case .inaccessible(let path, let reason): "cannot open the state \(path): \(reason)"
        case .full(let path): "cannot write \(path): no space is left on its file system"
        case .linked(let path):
            "cannot open the state \(path): another name leads to the same file (a hard link), where it would have another log"
        case .displaced(let path):
            "the state cannot be written: \(path) was moved, replaced or removed while it was in use"
        case .threadless(let path, let reason):
            "cannot open the state \(path): no thread can be started to write it: \(reason)"
        case .readOnlyFolder(let path, let folder):
            "cannot read the state \(path): SQLite makes files beside it, and the folder \(folder) is read-only"
        case .foreign(let path): "\(path) is not a state of zentra-sync"
        case .damaged(let path, let reason): "the state \(path) is damaged: \(reason)"
        case .newer(let path): "the state \(path) was written by a newer version of zentra-sync"
        case .older(let path): "the state \(path) is of an older version and has to be migrated first"
        case .locked(let path, let owner): "the state \(path) is in use by \(owner)"
        case .leaseHeld(let owner): "another apply is under way: \(owner)"
        case .closed: "the state is closed"
        case .overloaded: "too much waits to be written"
        case .database(let reason): "the state cannot be written: \(reason)"
        case .key(let path, let reason): "cannot use the state's key \(path): \(reason)"
        }
    }

    /// What the person can do about it.
    package var hint: String? {
        switch self {
        case .missing:
            "start `zentra-sync run`, or run `zentra-sync apply`, to create it; --state names another file"
        case .full(let path):
            "make room there (`df \(Store.folder(of: path))` tells how much there is), or name a file elsewhere"
        case .linked:
            "remove all names but this one, the one that it was used with (`find -samefile` tells them); `zentra-sync backup` makes a copy"
        case .threadless:
            "the limit of processes or of memory is reached (`ulimit -u`, pids.max of the container)"
        case .readOnlyFolder:
            "copy it, with its -wal file if there is one, to another folder; a running sidecar is asked with --server"
        case .damaged:
            "put a backup in its place (`zentra-sync backup` makes them), with its -wal and -shm removed; what is left of this one `sqlite3 FILE .recover` reads"
        case .newer:
            "use the newer version, or restore the backup that it made beside the state (`<state>.v<N>`)"
        case .older: "`zentra-sync run` and `zentra-sync apply` migrate it, after a backup copy"
        case .locked: "stop that process first, or name another file with --state"
        case .leaseHeld: "wait until it has ended, and try again"
        case .foreign: "name another file with --state"
        default: nil
        }
    }

    /// A file of the state that cannot be created: mostly its folder is to blame.
    ///
    /// - Parameter code: what `open(2)` left in `errno`.
    static func uncreatable(_ file: String, of state: StatePath, code: CInt) -> StoreError {
        if isLackOfRoom(code) { return .full(path: file) }
        return .inaccessible(
            path: state.file, reason: StateAccess.obstacle(toCreating: file, of: state, code: code))
    }

    /// Whether a file cannot be written because there is no room, or no more of it for this user.
    static func isLackOfRoom(_ code: CInt) -> Bool { code == ENOSPC || code == EDQUOT }

    /// What a reader may be told of: a state is in WAL mode, where SQLite needs to write the file with the shared memory
    /// even to read (sqlite.org/wal.html, "Read-Only Databases").
    static func wrapping(_ error: any Error, reading state: StatePath) -> any Error {
        let folder = Store.folder(of: state.file)
        if let error = error as? DatabaseError, error.resultCode == .SQLITE_CANTOPEN,
            faccessat(AT_FDCWD, state.file, R_OK, AT_EACCESS) == 0,
            faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0
        {
            return StoreError.readOnlyFolder(path: state.file, folder: folder)
        }
        return wrapping(error, opening: state, writing: false)
    }

    /// Names what SQLite could not open, and why.
    static func wrapping(_ error: any Error, opening state: StatePath, writing: Bool = true) -> any Error {
        let wrapped = wrapping(error, path: state.file)
        guard case StoreError.inaccessible = wrapped, error is DatabaseError,
            let obstacle = StateAccess.obstacle(to: state, writing: writing)
        else { return wrapped }
        return StoreError.inaccessible(path: state.file, reason: obstacle)
    }

    /// Wraps what SQLite says; errors of this type pass unchanged.
    static func wrapping(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        // The file with the shared memory cannot grow (sqlite.org/rescode.html#ioerr_shmsize).
        if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return StoreError.full(path: path) }
        switch error.resultCode {
        case .SQLITE_FULL: return StoreError.full(path: path)
        case .SQLITE_NOTADB: return StoreError.foreign(path: path)
        case .SQLITE_CORRUPT:
            return StoreError.damaged(path: path, reason: error.message ?? "\(error.resultCode)")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return StoreError.inaccessible(path: path, reason: error.message ?? "\(error.resultCode)")
        default: return StoreError.database(error.message ?? "\(error.resultCode)")
        }
    }
}
