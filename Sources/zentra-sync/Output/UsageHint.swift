/// How a value is written that an option did not take; the argument parser only says that it is invalid.
enum UsageHint {
    private static let forms = [
        "duration":
            "a duration is a number with a unit, such as 500ms, 30s, 15m, 4h or 7d, or a sum such as 1h30m",
        "size": "a size is a number with a unit, such as 16KiB or 1MiB",
        "host:port": "an address is written 127.0.0.1:8080 or [::1]:8080",
        "time": "a time is written 2026-05-05T12:00:00Z, or as how long ago it was, such as 30m, 2h or 7d",
        "kind/name": "a resource is written KIND/NAME, such as Subscription/erp",
        "url": "a URL begins with https:// or http:// and has neither user nor query",
    ]

    /// - Parameter message: of the argument parser, such as `The value '7' is invalid for '--retention <duration>'`.
    static func text(for message: String) -> String? {
        guard message.contains(" is invalid for '") else { return nil }
        return forms.first { message.contains("<\($0.key)>'") }?.value
    }
}
