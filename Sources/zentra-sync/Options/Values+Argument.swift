import ArgumentParser
import Resources

/// A duration on the command line, written as in the resources: `30s`, `1h30m`.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = Duration(configurationText: argument) else { return nil }
        self.init(duration)
    }

    var defaultValueDescription: String { duration.configurationText }
}

/// A text that names something. An empty one, as of a variable that is not set, names nothing, and in a path of the API the
/// list of all.
struct TextArgument: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        text = argument
    }

    /// As a segment of a path.
    var encoded: String { PercentEncoding.encode(text) }
}

/// A size on the command line: `16KiB`, `1MiB`.
struct SizeArgument: ExpressibleByArgument {
    let bytes: Int

    init(_ bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        guard let count = ByteCount(argument) else { return nil }
        self.init(count.bytes)
    }

    var defaultValueDescription: String { "\(ByteCount(bytes))" }
}

/// `host:port`; an IPv6 address stands in brackets. Port 0 takes a free one.
struct ListenAddress: ExpressibleByArgument {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = String(argument[..<colon])
        if host.hasPrefix("[") && host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: Int(port))
    }

    var defaultValueDescription: String { "\(host):\(port)" }
}

/// `--public-url`: `https://` or `http://`, without query; a slash at the end does not count.
struct PublicURL: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard argument.hasPrefix("https://") || argument.hasPrefix("http://"),
            !argument.contains(where: { "?#@ ".contains($0) })
        else { return nil }
        var text = argument[...]
        while text.last == "/" { text = text.dropLast() }
        guard text.count > (text.hasPrefix("https") ? 8 : 7) else { return nil }
        self.text = String(text)
    }
}
