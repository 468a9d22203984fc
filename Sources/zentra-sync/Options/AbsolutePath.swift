import Glibc

/// Files that are read again later, wherever the process is then.
enum AbsolutePath {
    static func of(_ file: String) -> String {
        guard !file.hasPrefix("/"), let folder = getcwd(nil, 0) else { return file }
        defer { free(folder) }
        return String(cString: folder) + "/" + file
    }
}
