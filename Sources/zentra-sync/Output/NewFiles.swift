import ArgumentParser
import Glibc

/// Files that a command makes in a folder: all of them, or none where one is there already.
final class NewFiles {
    private let folder: String
    private var files: [(path: String, text: String)] = []

    init(folder: String) { self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder }

    /// Asked for by a variable that is not set, most likely; it would be the root of the file system.
    static func checkName(_ folder: String?) throws {
        if folder?.isEmpty == true { throw ValidationError("the folder has no name") }
    }

    /// - Parameter path: below the folder.
    func add(_ path: String, _ text: String) { files.append(("\(folder)/\(path)", text)) }

    /// Writes the files, making the folders on the way; nothing that is there is touched.
    func write() throws {
        for (path, _) in files where access(path, F_OK) == 0 {
            throw Failure("\(path) is there already", hint: "choose another folder, or move it away")
        }
        try makeFolders(folder)
        for (path, text) in files {
            if let slash = path.lastIndex(of: "/") { try makeFolders(String(path[..<slash])) }
            try create(path, text)
        }
    }

    private func makeFolders(_ path: String) throws {
        guard !path.isEmpty, mkdir(path, 0o777) != 0 else { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/") {
            try makeFolders(String(path[..<slash]))
            if mkdir(path, 0o777) == 0 { return }
        }
        var status = stat()
        guard errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(
                "cannot make \(path): \(String(cString: strerror(errno == EEXIST ? ENOTDIR : errno)))")
        }
    }

    /// Never writes over a file that somebody else made in the meantime.
    private func create(_ path: String, _ text: String) throws {
        func failure() -> Failure { Failure("cannot write \(path): \(String(cString: strerror(errno)))") }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            rest = rest.dropFirst(count)
        }
    }
}
