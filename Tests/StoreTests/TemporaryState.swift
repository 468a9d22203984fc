import Glibc
import Store

/// A folder of its own for the states of one test; it goes with the value.
final class TemporaryState: Sendable {
    let folder: String

    var path: StatePath { StatePath(folder + "/state.db") }

    init() throws {
        var template = Array("/tmp/zentra-store-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StoreError.inaccessible(path: "/tmp", reason: "mkdtemp")
        }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in Self.entries(folder) { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    /// Names in a folder, sorted.
    static func entries(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Opens the state for the duration of `body` and closes it.
    func open<Result: Sendable>(
        at now: UnixTime = .t0, _ body: (Store) async throws -> Result
    ) async throws -> Result {
        let store = try Store.open(path, mode: .write, now: now)
        do {
            let result = try await body(store)
            try store.close()
            return result
        } catch {
            try store.close()
            throw error
        }
    }
}

extension UnixTime {
    /// 2026-05-05T11:45:07Z, the moment at which the tests begin.
    static let t0 = UnixTime(milliseconds: 1_777_981_507_000)
}

/// Runs `body` with the file permissions of a user who owns nothing, also when the tests run as root.
///
/// Only this thread's file access changes (`setfsuid(2)`), so `body` must not hop to another one.
func asNobody<Result>(_ body: () throws -> Result) rethrows -> Result {
    let mine = geteuid()
    guard mine == 0 else { return try body() }
    setfsuid(65534)
    defer { setfsuid(mine) }
    return try body()
}

/// Not in the module map of Glibc.
@_silgen_name("setfsuid") @discardableResult
private func setfsuid(_ user: uid_t) -> CInt
