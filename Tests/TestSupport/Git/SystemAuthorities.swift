import Foundation
import Glibc

/// The certificates of authorities that the system trusts, as some processes see them: in a mount namespace of their own
/// (unshare(1)) a folder of the test stands in place of `/etc/ssl/certs`.
package struct SystemAuthorities: Sendable {
    private let folder: TestFolder

    /// Whether this machine lets the test make a namespace.
    package static var isAvailable: Bool {
        get async {
            do {
                let authorities = try await SystemAuthorities()
                try await TestCommand.run(authorities.wrapper + ["true"])
                return true
            } catch {
                return false
            }
        }
    }

    /// One that nobody knows, because programs do not start without any.
    package init() async throws {
        folder = try TestFolder()
        try trust([try await TestAuthority(in: folder).certificateFile])
    }

    /// Replaces them by those of the files, as `update-ca-certificates` does: by another file of the same name.
    package func trust(_ certificateFiles: [String]) throws {
        let text = try certificateFiles.map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        let (bundle, new) = (folder.appending("ca-certificates.crt"), try folder.write(text, to: "new"))
        guard rename(new, bundle) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// A command that becomes the one that follows it, with these authorities.
    package var wrapper: [String] {
        let user = geteuid() == 0 ? [] : ["--map-root-user"]
        let script = "mount --bind \"$0\" /etc/ssl/certs && exec \"$@\""
        return ["/usr/bin/unshare", "--mount"] + user + ["--", "/bin/sh", "-c", script, folder.path]
    }
}
