import Glibc
import Testing

func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
}

func read(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"), "cannot read \(path)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "w"), "cannot write \(path)")
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// Compares a text with a golden file; `UPDATE_GOLDEN=1` writes the file instead.
func expectGolden(_ text: String, _ name: String, source: String = #filePath) throws {
    let path = source[..<(source.lastIndex(of: "/") ?? source.endIndex)] + "/Golden/" + name
    if getenv("UPDATE_GOLDEN") != nil { try write(Array(text.utf8), to: String(path)) }
    #expect(String(decoding: try read(String(path)), as: UTF8.self) == text)
}
