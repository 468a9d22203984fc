/// A certificate for `localhost`, signed by itself, made by `openssl`.
package struct TestCertificate: Sendable {
    package let certificateFile: String
    package let keyFile: String

    package static var isAvailable: Bool { TestCommand.path(of: "openssl") != nil }

    package init(in folder: TestFolder) async throws {
        certificateFile = folder.appending("certificate.pem")
        keyFile = folder.appending("certificate.key")
        try await TestCommand.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
            "-keyout", keyFile, "-out", certificateFile,
        ])
    }
}
