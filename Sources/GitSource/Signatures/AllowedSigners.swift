/// Who may sign commits: an SSH allowed_signers file, in which OpenPGP public keys may stand too.
struct AllowedSigners {
    private static let keyBlock = (
        begin: "-----BEGIN PGP PUBLIC KEY BLOCK-----", end: "-----END PGP PUBLIC KEY BLOCK-----"
    )

    private var signers: [AllowedSigner] = []
    /// The OpenPGP keys, without armor.
    private(set) var keyring: [UInt8] = []

    /// - Throws: `invalidCredential`, with the line that cannot be honoured: a list of which a part is ignored
    ///   is not the list that somebody wrote.
    init(file: String) throws(GitError) {
        let text = String(decoding: try SmallFile.read(file, what: "file of allowed signers"), as: UTF8.self)
        try self.init(text: text, name: file)
    }

    init(text: String, name: String) throws(GitError) {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .map { (number: $0.offset + 1, text: $0.element) }[...]
        while let line = lines.popFirst() {
            let trimmed = line.text.drop(while: \.isWhitespace)
            if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
            do throws(AllowedSigner.Invalid) {
                if trimmed.hasPrefix(Self.keyBlock.begin) {
                    let block = lines.prefix { !$0.text.hasPrefix(Self.keyBlock.end) }
                    keyring += try Self.dearmored(block.map(\.text))
                    lines = lines.dropFirst(block.count + 1)
                } else {
                    signers.append(try AllowedSigner(trimmed))
                }
            } catch {
                throw GitError(
                    .invalidCredential, "the allowed signers `\(name)`, line \(line.number): \(error)")
            }
        }
    }

    /// The signers that have a key.
    func signers(with key: [UInt8]) -> [AllowedSigner] { signers.filter { $0.key == key } }

    /// RFC 4880, section 6: headers end at an empty line; a checksum may follow the data.
    private static func dearmored(_ lines: [Substring]) throws(AllowedSigner.Invalid) -> [UInt8] {
        let body = lines.drop { !$0.allSatisfy(\.isWhitespace) }.filter { !$0.hasPrefix("=") }
        let digits = body.joined().filter { !$0.isWhitespace }
        guard let bytes = Base64.decode(digits.utf8), !bytes.isEmpty else {
            throw AllowedSigner.Invalid(description: "the OpenPGP key block is damaged")
        }
        return bytes
    }
}
