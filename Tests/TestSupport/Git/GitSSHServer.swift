import Foundation

/// OpenSSH's server on the loopback interface, a process for each connection. It lets the current user in with
/// the keys that a test authorises, and nobody else.
package final class GitSSHServer: Sendable {
    package static var missing: String? { ["sshd", "ssh-keygen"].first { TestCommand.path(of: $0) == nil } }

    package var port: Int { listener.port }
    private let folder: TestFolder
    private let listener: LoopbackListener

    /// - Parameter hostKeys: kinds of host keys, for example `ed25519`.
    package init(hostKeys: [String] = ["ed25519"]) async throws {
        let folder = try TestFolder()
        self.folder = folder
        // Where sshd separates its privileges when root starts it; the service makes it at its own start only.
        if getuid() == 0 { mkdir("/run/sshd", 0o755) }
        for kind in hostKeys { try await Self.makeKey(kind, at: folder.appending("host-\(kind)")) }
        try folder.write(
            """
            \(hostKeys.map { "HostKey \(folder.path)/host-\($0)" }.joined(separator: "\n"))
            AuthorizedKeysFile \(folder.path)/authorized
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            StrictModes no
            UsePAM no
            PidFile none
            MaxStartups 100
            """, to: "configuration")
        try folder.write("", to: "authorized")
        let command = [
            TestCommand.path(of: "sshd") ?? "sshd", "-i", "-f", folder.appending("configuration"), "-E",
            "/dev/null",
        ]
        listener = try LoopbackListener { connection in
            // A connection that gets no server is closed, and the test sees that.
            _ = try? TestProcess(
                command, inputDescriptor: connection, outputDescriptor: connection)
        }
    }

    package func url(of repository: TestRepository) -> String {
        "ssh://\(Self.user)@localhost:\(port)\(repository.path)"
    }

    package static var user: String {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"
    }

    /// Makes a key pair that may log in. Returns the file of the private key.
    package func authorise(_ kind: String = "ed25519") async throws -> String {
        let file = folder.appending("client-\(kind)")
        try await Self.makeKey(kind, at: file)
        let key = try String(contentsOfFile: file + ".pub", encoding: .utf8)
        let others = try String(contentsOfFile: folder.appending("authorized"), encoding: .utf8)
        try folder.write(others + key, to: "authorized")
        return file
    }

    /// A known_hosts line of a host key, for `[localhost]:port` unless told otherwise.
    package func knownHost(_ kind: String = "ed25519", as name: String? = nil) throws -> String {
        let key = try String(contentsOfFile: folder.appending("host-\(kind).pub"), encoding: .utf8)
        return "\(name ?? "[localhost]:\(port)") \(key)"
    }

    package static func makeKey(_ kind: String, at file: String, passphrase: String = "") async throws {
        try await TestCommand.run([
            "ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", file,
        ])
    }
}
