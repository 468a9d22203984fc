/// A certificate authority of one test, made by `openssl`.
package struct TestAuthority: Sendable {
    package let certificateFile: String
    private let keyFile: String
    private let folder: TestFolder

    package init(in folder: TestFolder) async throws {
        self.folder = folder
        certificateFile = folder.appending("authority.pem")
        keyFile = folder.appending("authority.key")
        try await TestCommand.run(
            Self.request + ["-x509", "-subj", "/CN=authority", "-keyout", keyFile, "-out", certificateFile])
    }

    private static let request = [
        "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    ]

    /// A certificate and its key, in files that carry the name.
    ///
    /// - Parameters:
    ///   - days: from now to its end; a negative number makes one that has ended.
    ///   - selfSigned: whether it is its own authority.
    package func issue(
        _ name: String, subjectAltName: String, days: Int = 2, selfSigned: Bool = false
    ) async throws -> (certificateFile: String, keyFile: String) {
        let (certificate, key) = (folder.appending("\(name).pem"), folder.appending("\(name).key"))
        let request = folder.appending("\(name).csr")
        let extensions = try folder.write("subjectAltName=\(subjectAltName)\n", to: "\(name).ext")
        try await TestCommand.run(
            Self.request + ["-subj", "/CN=\(name)", "-keyout", key, "-out", request])
        let signer =
            selfSigned ? ["-signkey", key] : ["-CA", certificateFile, "-CAkey", keyFile, "-CAcreateserial"]
        try await TestCommand.run(
            ["openssl", "x509", "-req", "-in", request, "-out", certificate, "-days", "\(days)"]
                + ["-extfile", extensions] + signer)
        return (certificate, key)
    }
}
