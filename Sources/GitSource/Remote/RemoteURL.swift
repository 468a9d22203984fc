import Glibc

/// The address of a repository. Its description is safe to show: no password, no token, no query.
package struct RemoteURL: Sendable, Hashable {
    package enum Transport: String, Sendable {
        case path, file, http, https, ssh
    }

    package let transport: Transport
    /// nil for paths and `file://`.
    package let host: String?
    /// nil for the transport's own.
    package let port: Int?
    /// The user that the URL names, or `git` for `ssh`; shown for `ssh` only.
    package let user: String?
    /// The folder for paths and `file://`; what the server gets to see otherwise.
    package let path: String
    /// `git@host:path` rather than `ssh://`: the path is relative to the user's home.
    private let isSCPForm: Bool

    /// Accepts what git accepts, minus the transports that protect neither content nor host (`git://`), minus
    /// passwords and queries, which would be secrets in an argument list.
    package init(_ text: String) throws(GitError) {
        guard !text.isEmpty else { throw GitError(.invalidOption, "the repository URL is empty") }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x1F && $0.value != 0x7F }) else {
            throw GitError(.invalidOption, "invalid repository URL: it contains control characters")
        }
        if text.hasPrefix("/") {
            self.init(localPath: text, transport: .path)
        } else if let scheme = text.firstRange(of: "://") {
            try self.init(
                scheme: String(text[..<scheme.lowerBound]).lowercased(), rest: text[scheme.upperBound...])
        } else if let (authority, path) = Self.scpForm(text) {
            try self.init(authority: authority, path: String(path), transport: .ssh, isSCPForm: true)
        } else {
            self.init(localPath: Self.absolute(text), transport: .path)
        }
    }

    /// The text for the child and for libgit2: a path for what is on this machine, so that nothing is decoded
    /// twice. It names the user of an SSH URL and no other credential.
    var address: String {
        switch transport {
        case .path, .file: path
        case .http, .https, .ssh: description
        }
    }
}

extension RemoteURL: CustomStringConvertible {
    package var description: String {
        switch transport {
        case .path: return path
        // Readable, and still the URL of the same folder.
        case .file: return "file://\(path.replacing("%", with: "%25"))"
        case .http, .https, .ssh:
            let bracketed = (host ?? "").contains(":") ? "[\(host ?? "")]" : host ?? ""
            let authority = (transport == .ssh ? user.map { "\($0)@" } ?? "" : "") + bracketed
            if isSCPForm { return "\(authority):\(path)" }
            return "\(transport.rawValue)://\(authority)\(port.map { ":\($0)" } ?? "")\(path)"
        }
    }
}

extension RemoteURL {
    private init(localPath: String, transport: Transport) {
        self.transport = transport
        (host, port, user) = (nil, nil, nil)
        path = localPath
        isSCPForm = false
    }

    private init(scheme: String, rest: Substring) throws(GitError) {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (authority, path) = (rest[..<slash], String(rest[slash...]))
        switch scheme {
        case "file":
            guard authority.isEmpty || authority == "localhost", let decoded = path.percentDecoded,
                decoded.count > 1
            else {
                throw GitError(.invalidOption, "invalid file URL: it must be file:// and an absolute path")
            }
            self.init(localPath: decoded, transport: .file)
        case "https", "http", "ssh":
            try self.init(
                authority: authority, path: path, transport: Transport(rawValue: scheme) ?? .ssh,
                isSCPForm: false)
        default:
            throw GitError(
                .invalidOption, "invalid repository URL: `\(scheme)` is not supported",
                hint: "use https://, ssh://, git@host:path, file:// or a path")
        }
    }

    private init(authority: Substring, path: String, transport: Transport, isSCPForm: Bool) throws(GitError) {
        let at = authority.lastIndex(of: "@")
        let userinfo = at.map { authority[..<$0] } ?? ""
        guard !userinfo.contains(":") else {
            throw GitError(
                .invalidOption, "invalid repository URL: it contains a password",
                hint: "put the token into a file and give its name")
        }
        guard userinfo.isEmpty || transport != .http else {
            throw GitError(
                .invalidOption, "invalid repository URL: http:// must not carry credentials",
                hint: "use https://")
        }
        let (host, port) = try Self.hostAndPort(
            at.map { authority[authority.index(after: $0)...] } ?? authority)
        guard !path.hasPrefix(":"), !path.contains("?"), !path.contains("#"), !path.contains("'"),
            path != "/", !path.isEmpty
        else {
            throw GitError(
                .invalidOption, "invalid repository URL: the path of the repository is missing or odd")
        }
        self.transport = transport
        self.host = host
        self.port = port
        user = userinfo.isEmpty ? (transport == .ssh ? "git" : nil) : String(userinfo)
        self.path = path
        self.isSCPForm = isSCPForm
    }

    private static func hostAndPort(_ text: Substring) throws(GitError) -> (String, Int?) {
        var (host, port) = (text, Substring(""))
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":") {
            (host, port) = (text[..<colon], text[colon...])
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0.isHostCharacter }) else {
            throw GitError(.invalidOption, "invalid repository URL: the host is missing or odd")
        }
        guard !port.isEmpty else { return (host.lowercased(), nil) }
        guard port.hasPrefix(":"), let number = Int(port.dropFirst()), (1...65535).contains(number) else {
            throw GitError(.invalidOption, "invalid repository URL: the port must be 1 to 65535")
        }
        return (host.lowercased(), number)
    }

    /// `[user@]host:path`, git's rule: a colon before the first slash.
    private static func scpForm(_ text: String) -> (Substring, Substring)? {
        let afterBracket = text.firstRange(of: "]")?.upperBound ?? text.startIndex
        guard let colon = text[afterBracket...].firstIndex(of: ":"), !text[..<colon].contains("/") else {
            return nil
        }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }
}

extension UInt8 {
    fileprivate var isHostCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
