import Crypto
import Glibc

/// The packs of a clone.
struct PackFolder: Sendable {
    let path: String

    init(of repository: String) { path = repository + "/objects/pack" }

    /// The packs that have both their files, by the path without extension.
    func packs() throws(GitError) -> [String] {
        let names = Set(try FileTree.names(in: path))
        return names.filter { $0.hasPrefix("pack-") && $0.hasSuffix(".pack") }
            .map { String($0.dropLast(5)) }.filter { names.contains($0 + ".idx") }.sorted().map {
                "\(path)/\($0)"
            }
    }

    /// Removes what killed processes left: temporary packs, and packs that have only one of their files.
    ///
    /// - Precondition: the caller holds the exclusive lock.
    func tidy() throws(GitError) {
        let whole = Set(try packs())
        for name in try FileTree.names(in: path) {
            let stem = name.firstIndex(of: ".").map { name[..<$0] } ?? name[...]
            if !whole.contains("\(path)/\(stem)") { try FileTree.remove("\(path)/\(name)") }
        }
    }

    /// True when every pack and index ends with the SHA-1 of what comes before (gitformat-pack(5)).
    func isIntact() throws(GitError) -> Bool {
        for pack in try packs() {
            for file in ["\(pack).pack", "\(pack).idx"] where try !Self.endsWithChecksum(file) {
                return false
            }
        }
        return true
    }

    private static func endsWithChecksum(_ file: String) throws(GitError) -> Bool {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw GitError(.cacheUnusable, "cannot read `\(file)`: \(SystemError.last)")
        }
        defer { close(descriptor) }
        var hash = Insecure.SHA1()
        // The last 20 bytes so far, which may be the checksum.
        var held: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return count == 0 && held.elementsEqual(hash.finalize()) }
            held += buffer[..<count]
            hash.update(data: held.dropLast(20))
            held = held.suffix(20)
        }
    }
}
