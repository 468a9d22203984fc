import JSON

/// `--log-format`.
package enum LogForm: String, CaseIterable, Sendable {
    /// For people: time, level, message, then `key=value` for each field.
    case text
    /// For machines: an object whose values are strings.
    case json
}

/// A line in the making.
struct LogLine {
    /// What every object has.
    static let ownKeys: Set = ["time", "level", "message"]

    /// More than most lines have, so that there is one allocation for each.
    private static let expectedSize = 512

    private let form: LogForm
    private var bytes: [UInt8] = []

    init(_ form: LogForm, time: String, level: String, message: String) {
        self.form = form
        bytes.reserveCapacity(Self.expectedSize)
        switch form {
        case .text:
            bytes.append(contentsOf: time.utf8)
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: level.utf8)
            bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(1, 8 - level.utf8.count)))
            bytes.append(contentsOf: message.utf8)
        case .json:
            bytes.append(contentsOf: #"{"time":"#.utf8)
            JSONValue.write(string: time, to: &bytes)
            bytes.append(contentsOf: #","level":"#.utf8)
            JSONValue.write(string: level, to: &bytes)
            bytes.append(contentsOf: #","message":"#.utf8)
            JSONValue.write(string: message, to: &bytes)
        }
    }

    mutating func append(_ key: String, _ value: String) {
        begin(key)
        if form == .json || !Self.isPlain(value) {
            JSONValue.write(string: value, to: &bytes)
        } else {
            bytes.append(contentsOf: value.utf8)
        }
    }

    mutating func append(_ key: String, _ value: Int) {
        begin(key)
        if form == .json { bytes.append(UInt8(ascii: "\"")) }
        bytes.append(contentsOf: String(value).utf8)
        if form == .json { bytes.append(UInt8(ascii: "\"")) }
    }

    /// The whole line, with its end.
    consuming func ended() -> [UInt8] {
        if form == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private mutating func begin(_ key: String) {
        switch form {
        case .text:
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: key.utf8)
            bytes.append(UInt8(ascii: "="))
        case .json:
            bytes.append(UInt8(ascii: ","))
            JSONValue.write(string: key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
        }
    }

    /// A value with spaces, quotes or control characters is written as a JSON string, so that a line stays a line.
    private static func isPlain(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
    }
}
