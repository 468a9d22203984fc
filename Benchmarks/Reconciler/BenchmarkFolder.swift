import Foundation
import Glibc

/// A folder for the files of one benchmark.
struct BenchmarkFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/zentra-sync-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchmarkFailure("cannot make a folder in /tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func make(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 else { throw BenchmarkFailure("cannot make \(path)") }
    }

    static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw BenchmarkFailure("cannot write \(path)") }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw BenchmarkFailure("cannot write \(path)") }
    }

    // Nobody is left to tell when a temporary folder stays behind.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
