import GitSource
import Glibc
import Reconciler
import Resources
import Store

/// The checks of `doctor`. None of them changes anything.
enum Examination {
    static var libraries: Finding {
        Finding("libraries", .good, "libgit2 \(GitLibrary.version), SQLite \(Store.engineVersion)")
    }

    /// The state and its key: there, whole, of this version, and nobody else's business.
    static func state(_ path: StatePath) -> [Finding] {
        guard access(path.file, F_OK) == 0 else {
            let folder = folder(of: path.file)
            guard access(folder, W_OK) == 0 else {
                return [
                    Finding(
                        "state", .bad, "\(folder) cannot be written: \(String(cString: strerror(errno)))",
                        hint: "make it writable, or choose another place with --state")
                ]
            }
            return [Finding("state", .good, "\(path) does not exist yet; its folder can be written")]
        }
        var status = stat()
        guard stat(path.file, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            return [
                Finding(
                    "state", .bad, "\(path) is not a regular file", hint: "choose another place with --state")
            ]
        }
        var findings: [Finding] = []
        do {
            try Store.open(path, mode: .read, now: .now()).close()
            findings.append(Finding("state", .good, "\(path) can be read"))
        } catch let error as StoreError {
            findings.append(Finding("state", .bad, error.description, hint: error.hint))
        } catch {
            findings.append(Finding("state", .bad, "\(error)"))
        }
        if access(path.file, W_OK) != 0 {
            findings.append(
                Finding(
                    "state", .doubtful,
                    "\(path) cannot be written by this user: \(String(cString: strerror(errno)))"))
        }
        if isOpenToOthers(path.file) {
            findings.append(
                Finding(
                    "permissions", .doubtful, "\(path) can be read by others", hint: "chmod 600 \(path)"))
        }
        do {
            _ = try StateKey.load(path, create: false)
            findings.append(Finding("key", .good, "\(path.key) is there and private"))
        } catch let error as StoreError {
            findings.append(Finding("key", .bad, error.description, hint: error.hint))
        } catch {
            findings.append(Finding("key", .bad, "\(error)"))
        }
        return findings
    }

    /// Signatures and certificates depend on the time of the day; a clock that went back shows at the state's own times.
    static func clock(_ path: StatePath) async -> Finding {
        let now = UnixTime.now()
        guard now.milliseconds > buildTime else {
            return Finding(
                "clock", .bad, "it says \(now), which is before this program was written",
                hint: "set the clock; certificates and time stamps of signatures are checked against it")
        }
        do {
            let store = try Store.open(path, mode: .read, now: now)
            let last = try await store.syncRecord().lastAttempt
            try store.close()
            if let last, last - now > .seconds(60) {
                return Finding(
                    "clock", .doubtful, "it says \(now), but the last sync was at \(last)",
                    hint: "the clock went back; NTP should keep it")
            }
        } catch {
            // What is wrong with the state is told as the state's.
        }
        return Finding("clock", .good, "\(now)")
    }

    /// 2026-01-01T00:00:00Z
    private static let buildTime: Int64 = 1_767_225_600_000

    static func disk(_ path: StatePath) -> Finding {
        var status = statvfs()
        let folder = folder(of: path.file)
        guard statvfs(folder, &status) == 0 else {
            return Finding("disk", .bad, "\(folder) cannot be looked at: \(String(cString: strerror(errno)))")
        }
        let free = Int(status.f_bavail) * Int(status.f_frsize) / (1 << 20)
        let text = "\(free) MiB free at \(folder)"
        switch free {
        case ..<100: return Finding("disk", .bad, text, hint: "events are refused when the disk is full")
        case ..<1024: return Finding("disk", .doubtful, text, hint: "a day of deliveries may need more")
        default: return Finding("disk", .good, text)
        }
    }

    /// A port that a sidecar of this state has is not in the way.
    static func ports(_ listeners: [(flag: String, address: ListenAddress)], _ path: StatePath) -> [Finding] {
        if let owner = RunLock.owner(of: path) {
            return [Finding("ports", .good, "a sidecar runs this state: \(owner.description)")]
        }
        return listeners.map { flag, address in
            let place = address.defaultValueDescription
            guard let problem = PortCheck.problem(address) else {
                return Finding("port", .good, "\(place) (\(flag)) is free")
            }
            return Finding(
                "port", .bad, "\(place) (\(flag)) cannot be listened on: \(problem)",
                hint: "choose another one with `run \(flag)`")
        }
    }

    /// A place for the clone of its own, which `git` leaves alone.
    static func cache(_ options: SourceOptions) -> [Finding] {
        guard let place = options.cacheDir else { return [] }
        if access(place, F_OK) == 0 {
            guard access(place, W_OK) != 0 else {
                return [Finding("cache", .good, "\(place) can be written")]
            }
        } else {
            let folder = folder(of: place)
            if access(folder, W_OK) == 0 {
                return [Finding("cache", .good, "\(place) does not exist yet; its folder can be written")]
            }
        }
        return [
            Finding(
                "cache", .bad, "\(place) cannot be written: \(String(cString: strerror(errno)))",
                hint: "make it writable, or choose another place with --cache-dir")
        ]
    }

    /// Fetches the source once into a folder of its own.
    static func git(_ options: SourceOptions) async -> Finding {
        guard options.repo != nil || options.dir != nil else {
            return Finding("git", .good, "not looked at; name a repository with --repo")
        }
        let place = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(place)/zentra-sync-doctor-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            return Finding(
                "git", .bad, "cannot make a folder in \(place): \(String(cString: strerror(errno)))",
                hint: "name another place with TMPDIR")
        }
        let folder = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // What is left of it is a temporary file and says whose it is.
        defer { try? FileTree.remove(folder) }
        do {
            let source = try options.source(cache: folder + "/clone")
            let snapshot = try await source.fetch()
            var reader = ConfigurationReader(environment: options.environment.env, rules: Version.current)
            let loaded = try await reader.read(snapshot)
            let revision = snapshot.revision
            let commit = revision.commit.isEmpty ? "" : " \(revision.commit.prefix(7)) “\(revision.subject)”"
            let found = "\(revision.reference)\(commit): \(Plural.count(loaded.fileCount, "file"))"
            guard loaded.isValid else {
                return Finding(
                    "git", .doubtful, "\(found), \(Plural.count(loaded.errors.count, "error"))",
                    hint: "`zentra-sync validate` in a working tree shows them all")
            }
            return Finding("git", .good, found)
        } catch let error as GitError {
            return Finding("git", .bad, error.message, hint: error.hint)
        } catch {
            return Finding("git", .bad, "\(error)", hint: (error as? Failure)?.hint)
        }
    }

    private static func isOpenToOthers(_ file: String) -> Bool {
        var status = stat()
        return stat(file, &status) == 0 && status.st_mode & 0o077 != 0
    }

    private static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}
