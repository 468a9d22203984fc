import Resources
import TestSupport
import Testing

struct YAMLReadingTests {
    private func read(_ bytes: [UInt8]) -> [String] {
        var loader = Loader()
        return places(loader.load([ConfigurationFile(path: "a.yaml", contentID: "1", bytes: bytes)]))
    }

    @Test func `a file of comments and empty documents holds nothing`() throws {
        let loaded = load("# nothing\n---\n---\n# still nothing\n...\n")
        #expect(loaded.isValid)
        #expect(try loaded.desiredState().isEmpty)
    }

    @Test func `an empty file is valid`() { #expect(load("").isValid) }

    @Test func `a byte order mark changes nothing`() {
        #expect(load("\u{FEFF}" + secret).isValid)
        #expect(read(Array("\u{FEFF}a: 01".utf8)).first == "1:1 missing-field")
        #expect(read(Array("\u{FEFF}a: 01".utf8)).contains("1:4 ambiguous-scalar"))
    }

    @Test func `CRLF line endings count as one`() {
        #expect(load(secret.replacing("\n", with: "\r\n")).isValid)
        #expect(read(Array("a: 1\r\nb: 01\r\n".utf8)).contains("2:4 ambiguous-scalar"))
    }

    @Test func `JSON is YAML`() {
        let json =
            #"{"apiVersion":"sync.zentra.dev/v1","kind":"SecretReference","metadata":{"name":"a"},"spec":{"from":{"env":"A"}}}"#
        #expect(load(json).isValid)
    }

    @Test func `columns count Unicode scalars`() {
        #expect(read(Array("{ä: 1, 😀: 01}".utf8)).contains("1:11 ambiguous-scalar"))
    }

    @Test func `what is not UTF-8 is named by its place`() {
        #expect(read(Array("a: b\nc: ".utf8) + [0xFF, 0x0A]) == ["2:4 not-utf8"])
        #expect(read([0xFF, 0xFE, 0x61, 0x00]) == ["1:1 not-utf8"])
        #expect(read(Array("a: ä".utf8) + [0xC3]) == ["1:5 not-utf8"])
    }

    @Test func `a file over 1 MiB is refused`() {
        let exact = secret + "#" + String(repeating: "x", count: (1 << 20) - secret.utf8.count - 1)
        #expect(load(exact).isValid)
        #expect(places(load(exact + "x")) == ["1:1 file-too-large"])
    }

    @Test(arguments: ["\u{85}", "\u{2028}", "\u{2029}"])
    func `a line separator that only some readers see is refused`(_ separator: String) {
        #expect(places(load("# a comment\(separator)hidden: true\n")) == ["1:12 syntax"])
    }

    @Test func `control characters are refused`() {
        #expect(places(load("a: \u{7}")).first?.hasSuffix("syntax") == true)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `deep nesting is an error, not a crash`(_ opening: String) {
        let codes = Set(load(String(repeating: opening, count: 200_000)).diagnostics.map(\.code))
        #expect(codes.isSubset(of: [.tooDeep, .syntax]))
        #expect(!codes.isEmpty)
    }

    @Test func `aliases within the bound are expanded`() throws {
        let text = """
            apiVersion: sync.zentra.dev/v1
            kind: ApiToken
            metadata: {name: a, labels: {one: &x value, two: *x}}
            spec: {secretRef: erp-signing, scopes: [admin]}
            ---
            \(secret)
            """
        let token = try #require(try load(text).desiredState()[ResourceID(.apiToken, "a")])
        #expect(token.labels == ["one": "value", "two": "value"])
    }

    @Test func `an alias of a long text is bounded too`() {
        let text = "a: &a \"\(String(repeating: "x", count: 500_000))\"\nb: [*a, *a, *a]\n"
        #expect(places(load(text)).contains("2:13 alias-bomb"))
    }

    @Test func `an anchor ends with its document`() {
        #expect(places(load("a: &x 1\n---\nb: *x\n")).contains("3:4 unknown-alias"))
    }

    @Test func `a random text never crashes the reader`() {
        var random = SeededRandom(seed: 42)
        let pieces = [
            "a", ": ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", "\"", "'", "|", ">", "&a ", "*a", "!t ",
            "#", "---\n", "? ", ",", "%", "0", "\\", "é",
        ]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                pieces.randomElement(using: &random)!
            }.joined()
            for diagnostic in load(text).diagnostics {
                #expect(diagnostic.position.line >= 1 && diagnostic.position.column >= 1)
            }
        }
    }
}
