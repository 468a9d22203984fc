import TestSupport

@testable import Expressions

/// Makes texts that look like expressions to a varying degree.
struct ExpressionFuzzer {
    private var generator: SeededRandom
    private let corpus: [String]

    init(seed: UInt64, corpus: [String]) {
        generator = SeededRandom(seed: seed)
        self.corpus = corpus
    }

    mutating func next() -> String {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: bytes()
        case 1: nested()
        case 2, 3: tokens()
        case 4: combined()
        default: mutated()
        }
    }

    private mutating func bytes() -> String {
        let count = Int.random(in: 0...200, using: &generator)
        return String(
            decoding: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }, as: UTF8.self)
    }

    private static let brackets = [
        ("(", ")"), ("[", "]"), ("{1: ", "}"), ("!", ""), ("-", ""), ("f(", ")"), ("[0].map(x, ", ")"),
        ("a[", "]"),
        ("true ? 1 : ", ""), ("cel.bind(a, 1, ", ")"), ("", ".a"), ("", " + 1"), ("has(", ".a)"),
        ("'${", "}'"),
    ]

    private mutating func nested() -> String {
        let depth = Int.random(in: 1...400, using: &generator)
        var (before, after) = ("", "")
        var pair = element(of: Self.brackets)
        for _ in 0..<depth {
            if Int.random(in: 0..<8, using: &generator) == 0 { pair = element(of: Self.brackets) }
            before += pair.0
            after = pair.1 + after
        }
        return before + "event.id" + after
    }

    private static let words = [
        "event", "event.data", ".tags", ".id", "steps", "x", "a", "in", "true", "null", "1", "0", "2u", "1.5",
        "'a'",
        "b'\\xff'", "(", ")", "[", "]", "{", "}", ",", ":", "?", ".", "+", "-", "*", "/", "%", "==", "!=",
        "<", ">=",
        "&&", "||", "!", "size(", "int(", "string(", "dyn(", ".map(x, ", ".all(x, ", ".exists(i, v, ",
        ".sort()",
        ".format([", "lists.range(9)", "optional.of(", ".orValue(", "timestamp('2026-01-01T00:00:00Z')",
        "duration('1h')",
        "math.greatest(", "json.encode(", "json.decode('[1]')", "-9223372036854775808", "r'\\'", "'''",
        "`a-b`", "//", "\n",
    ]

    private mutating func tokens() -> String {
        let count = Int.random(in: 1...30, using: &generator)
        return (0..<count).map { _ in element(of: Self.words) }.joined(separator: " ")
    }

    /// Two expressions of the corpus with an operator between them.
    private mutating func combined() -> String {
        let operators = [
            " + ", " == ", " && ", " || ", " in ", " < ", " - ", " ? 1 : ", ".map(e, e) + ", "[", " * ",
        ]
        return element(of: corpus) + element(of: operators) + element(of: corpus)
    }

    private mutating func mutated() -> String {
        var scalars = Array(element(of: corpus).unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !scalars.isEmpty {
            let place = Int.random(in: 0..<scalars.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: scalars.remove(at: place)
            case 1: scalars.insert(contentsOf: element(of: Self.words).unicodeScalars, at: place)
            case 2: scalars[place] = Unicode.Scalar(UInt8.random(in: 32...126, using: &generator))
            case 3: scalars.insert(contentsOf: element(of: corpus).unicodeScalars, at: place)
            default:
                let end = Int.random(in: place..<scalars.count, using: &generator)
                scalars.removeSubrange(place...end)
            }
        }
        return String(scalars: scalars)
    }

    private mutating func element<Element>(of array: [Element]) -> Element {
        array[Int.random(in: 0..<array.count, using: &generator)]
    }
}
