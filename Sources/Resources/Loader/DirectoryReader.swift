internal import Glibc

/// Reads the configuration files of a plain folder: the working tree as it is. Symbolic links are not followed, and only
/// regular files are read.
package struct DirectoryReader: Sendable {
    /// A folder that cannot be read.
    package struct Failure: Error, CustomStringConvertible {
        package let path: String
        package let reason: String

        package var description: String { "cannot read `\(path)`: \(reason)" }
    }

    package let root: String

    package init(root: String) { self.root = root }

    /// What is in a folder.
    package struct Listing: Sendable {
        /// In the order of their paths.
        package let files: [ConfigurationFile]
        /// What might hold resources and was not followed, one line each.
        package let skipped: [String]
    }

    package func files() throws(Failure) -> [ConfigurationFile] { try listing().files }

    /// The files that ``PathFilter`` includes. A file that cannot be read becomes a diagnostic of the loader; a folder
    /// that cannot is thrown, because nobody knows what it holds.
    package func listing() throws(Failure) -> Listing {
        var found = Found()
        let filter = try PathFilter(rules: rules())
        try walk("", filter, into: &found, depth: 0)
        let paths = found.files.sorted()
        // Most of the time is the kernel's, which works for all processors at once.
        let files = ParallelPieces(count: paths.count).map { range in paths[range].map(file) }.flatMap(\.self)
        return Listing(files: files, skipped: found.skipped.sorted())
    }

    private func file(_ path: String) -> ConfigurationFile {
        do throws(Failure) {
            let bytes = try read(path)
            return ConfigurationFile(path: path, contentID: ResourceDigest(of: bytes).hex, bytes: bytes)
        } catch {
            return ConfigurationFile(path: path, contentID: "", read: { throw error })
        }
    }

    private struct Found {
        var files: [String] = []
        var skipped: [String] = []
    }

    private func rules() throws(Failure) -> IgnoreRules {
        guard access(full(PathFilter.ignoreFile), F_OK) == 0 else { return IgnoreRules("") }
        return IgnoreRules(String(decoding: try read(PathFilter.ignoreFile), as: UTF8.self))
    }

    private func walk(_ folder: String, _ filter: PathFilter, into found: inout Found, depth: Int)
        throws(Failure)
    {
        guard depth < Self.depthLimit else {
            throw Failure(path: folder, reason: "more than \(Self.depthLimit) folders deep")
        }
        guard let stream = opendir(full(folder)) else { throw failure(folder) }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw failure(folder) }
                return
            }
            let (name, isText) = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let name = bytes.prefix { $0 != 0 }
                let text = String(decoding: name, as: UTF8.self)
                return (text, text.utf8.elementsEqual(name))
            }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            guard isText else {
                if filter.concerns(path) { found.skipped.append("`\(path)` has a name that is not UTF-8") }
                continue
            }
            switch try kind(path, asListed: Int(entry.pointee.d_type)) {
            case S_IFDIR where name != "." && name != ".." && !filter.excludes(folder: path):
                try walk(path, filter, into: &found, depth: depth + 1)
            case S_IFREG where filter.includes(path): found.files.append(path)
            case S_IFLNK where filter.concerns(path): found.skipped.append("`\(path)` is a symbolic link")
            default: break
            }
        }
    }

    /// - Parameter type: what the listing says, which some file systems leave open.
    private func kind(_ path: String, asListed type: Int) throws(Failure) -> mode_t {
        switch type {
        case DT_DIR: return S_IFDIR
        case DT_REG: return S_IFREG
        case DT_LNK: return S_IFLNK
        case DT_UNKNOWN: break
        default: return 0
        }
        var status = stat()
        guard lstat(full(path), &status) == 0 else {
            // Removed since the folder was listed.
            if errno == ENOENT { return 0 }
            throw failure(path)
        }
        return status.st_mode & S_IFMT
    }

    /// At most one byte more than the reader accepts.
    private func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(full(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let limit = YAMLReader.Limits.fileSize.bytes + 1
        while bytes.count < limit {
            // The first piece holds most files whole.
            let room = min(bytes.isEmpty ? 4 << 10 : 64 << 10, limit - bytes.count)
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
                count = Glibc.read(descriptor, buffer.baseAddress, room)
                initialized = max(count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { break }
            bytes += piece
        }
        return bytes
    }

    private static let depthLimit = 100

    private func full(_ path: String) -> String { path.isEmpty ? root : "\(root)/\(path)" }
    private func failure(_ path: String) -> Failure {
        Failure(path: full(path), reason: String(cString: strerror(errno)))
    }
}
