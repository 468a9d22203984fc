internal import JSON

extension JSONValue {
    /// Bytes of the compact text, without making it.
    var compactSize: Int {
        switch self {
        case .null: 4
        case .bool(let value): value ? 4 : 5
        case .number(let number): number.text.utf8.count
        case .string(let text): Self.size(text)
        case .array(let elements):
            elements.reduce(2 + max(0, elements.count - 1)) { $0 + $1.compactSize }
        case .object(let members):
            members.reduce(2 + max(0, members.count - 1)) {
                $0 + Self.size($1.key) + 1 + $1.value.compactSize
            }
        }
    }

    /// Whether arrays and objects stand within each other on more than so many levels; the outermost is the first.
    func isDeeper(than levels: Int) -> Bool {
        switch self {
        case .array(let elements): levels == 0 || elements.contains { $0.isDeeper(than: levels - 1) }
        case .object(let members): levels == 0 || members.contains { $0.value.isDeeper(than: levels - 1) }
        case .null, .bool, .number, .string: false
        }
    }

    private static func size(_ text: String) -> Int {
        text.utf8.reduce(2) { size, byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x09, 0x0A, 0x0D: size + 2
            case 0..<0x20: size + 6
            default: size + 1
            }
        }
    }
}
