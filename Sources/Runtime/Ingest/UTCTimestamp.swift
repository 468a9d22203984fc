import Store

/// RFC 3339 times in UTC with the precision that was given.
enum UTCTimestamp {
    /// The same instant with a `Z`; the digits of the fraction stay as they are. nil when it is not RFC 3339.
    static func normalize(_ text: String) -> String? {
        guard let time = UnixTime(rfc3339: text) else { return nil }
        let whole = UnixTime(milliseconds: time.milliseconds - (time.milliseconds % 1000 + 1000) % 1000)
        let fraction = text.utf8.drop { $0 != UInt8(ascii: ".") }.dropFirst().prefix { 0x30...0x39 ~= $0 }
        guard !fraction.isEmpty else { return whole.description }
        return String(whole.description.dropLast()) + "." + String(decoding: fraction, as: UTF8.self) + "Z"
    }
}
