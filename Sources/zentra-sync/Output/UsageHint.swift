/// How a value is written that an option did not take; the argument parser only says that it is invalid.
enum UsageHint {
    private static let forms = [
        "duration":
            "a duration is a number with a unit, such as 500ms, 30s, 15m, 4h or 7d, or a sum such as 1h30m",
        "size": "a size is a number with a unit, such as 16KiB or 1MiB",
        "host:port": "an address is written 127.0.0.1:8080 or [::1]:8080",
    ]

    /// - Parameter message: of the argument parser, such as `The value '7' is invalid for '--retention <duration>'`.
    static func text(for message: String) -> String? {
        guard message.contains(" is invalid for '--") else { return nil }
        return forms.first { message.contains("<\($0.key)>'") }?.value
    }
}
