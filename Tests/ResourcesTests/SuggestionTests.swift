import Resources
import Testing

struct SuggestionTests {
    @Test(
        arguments: [
            ("timout", "timeout"), ("tiemout", "timeout"), ("Timeout", "timeout"), ("time_out", "timeout"),
            ("filtr", "filter"),
            ("xyz", nil), ("", nil), ("t", nil),
        ] as [(String, String?)])
    func `the nearest word is suggested, a far one is not`(_ word: String, _ expected: String?) {
        #expect(Suggestion.nearest(to: word, in: ["timeout", "filter", "headers"]) == expected)
    }

    @Test func `a very long word costs nothing`() {
        #expect(Suggestion.nearest(to: String(repeating: "x", count: 1_000_000), in: ["timeout"]) == nil)
    }
}
