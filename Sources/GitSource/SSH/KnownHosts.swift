import Crypto
import Glibc

/// The host keys that a user trusts, in the format of OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
///
/// libssh2 does the comparison, but knows neither patterns nor `@revoked`; so it gets a file with nothing but
/// the plain keys of the one host.
struct KnownHosts {
    private let lines: [Substring]
    private let source: String

    /// - Parameter file: nil for the user's and the system's own files.
    init(file: String?) throws(GitError) {
        if let file {
            source = "`\(file)`"
            lines = Self.lines(try SmallFile.read(file, what: "known_hosts file"))
        } else {
            source = "known_hosts"
            var lines: [Substring] = []
            for path in Self.defaultFiles {
                lines += Self.lines(try SmallFile.readIfPresent(path, what: "known_hosts file") ?? [])
            }
            self.lines = lines
        }
    }

    init(text: String) {
        source = "known_hosts"
        lines = Self.lines(Array(text.utf8))
    }

    /// Writes the keys of the URL's host to `home/.ssh/known_hosts`.
    ///
    /// - Throws: `hostKey` when there is none, before anything is sent over the network.
    func install(for url: RemoteURL, home: String) throws(GitError) {
        guard let host = url.host else { return }
        let port = url.port ?? 22
        let keys = self.keys(of: host, port: port)
        guard !keys.isEmpty else {
            throw GitError(
                .hostKey, "host key is not in known_hosts",
                hint:
                    "put what `ssh-keyscan \(port == 22 ? "" : "-p \(port) ")\(host)` prints into "
                    + "~/.ssh/known_hosts, or into a file for --known-hosts-file, after comparing its fingerprint "
                    + "with the one that the host's operator publishes")
        }
        let name = port == 22 ? host : "[\(host)]:\(port)"
        let text = keys.map { "\(name) \($0.type) \($0.key)\n" }.joined()
        try Self.write(text, to: home)
    }

    struct Key: Equatable {
        let type: String
        /// Base64.
        let key: String
    }

    /// The trusted keys of a host; those that libssh2 can use best come first.
    func keys(of host: String, port: Int) -> [Key] {
        let entries = lines.compactMap(Entry.init).filter { $0.matches(host, port: port) }
        let revoked = entries.filter { $0.marker == "@revoked" }.map(\.key)
        let trusted = entries.filter { $0.marker == nil && !revoked.contains($0.key) }.map(\.key)
        return trusted.filter { $0.type != "ssh-rsa" } + trusted.filter { $0.type == "ssh-rsa" }
    }

    private static func lines(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .filter { !$0.drop(while: \.isWhitespace).hasPrefix("#") }
    }

    /// The user's home is asked for by its number: `HOME` is private here.
    private static var defaultFiles: [String] {
        let home = getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
        return (home.map { ["\($0)/.ssh/known_hosts"] } ?? []) + ["/etc/ssh/ssh_known_hosts"]
    }

    private static func write(_ text: String, to home: String) throws(GitError) {
        let folder = home + "/.ssh"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw GitError(.cacheUnusable, "cannot make `\(folder)`: \(SystemError.last)")
        }
        try WholeFile.write(Array(text.utf8), to: folder + "/known_hosts")
    }
}

extension KnownHosts {
    /// One line of the file.
    fileprivate struct Entry {
        let marker: Substring?
        let hosts: Substring
        let key: Key

        init?(_ line: Substring) {
            var fields = line.split(whereSeparator: \.isWhitespace)[...]
            marker = fields.first.flatMap { $0.hasPrefix("@") ? $0 : nil }
            if marker != nil { fields = fields.dropFirst() }
            guard fields.count >= 3, let hosts = fields.popFirst(), let type = fields.popFirst(),
                let key = fields.popFirst()
            else { return nil }
            self.hosts = hosts
            self.key = Key(type: String(type), key: String(key))
        }

        func matches(_ host: String, port: Int) -> Bool {
            let name = port == 22 ? host : "[\(host)]:\(port)"
            if hosts.hasPrefix("|1|") { return matchesHash(name) }
            var isMatch = false
            for pattern in hosts.lowercased().split(separator: ",") {
                if pattern.hasPrefix("!") {
                    if Wildcard.matches(pattern.dropFirst(), name) { return false }
                } else {
                    isMatch = isMatch || Wildcard.matches(pattern, name)
                }
            }
            return isMatch
        }

        /// `|1|salt|hash`: HMAC-SHA1 of the name.
        private func matchesHash(_ name: String) -> Bool {
            let parts = hosts.split(separator: "|")
            guard parts.count == 3, let salt = Base64.decode(parts[1].utf8),
                let hash = Base64.decode(parts[2].utf8)
            else { return false }
            return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                hash, authenticating: Array(name.utf8), using: SymmetricKey(data: salt))
        }
    }
}
