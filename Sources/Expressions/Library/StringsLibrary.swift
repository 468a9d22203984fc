/// The strings extension; positions count Unicode scalars.
enum StringsLibrary {
    static let functions: [Function] =
        [
            Function("<string>.charAt(int) -> string", cost: .traverseFirst, binary: charAt),
            Function("<string>.indexOf(string) -> int", cost: .search, binary: indexOf),
            Function("<string>.indexOf(string, int) -> int", cost: .search, many: indexOfFrom),
            Function("<string>.lastIndexOf(string) -> int", cost: .search, binary: lastIndexOf),
            Function("<string>.lastIndexOf(string, int) -> int", cost: .search, many: lastIndexOfFrom),
            Function("<string>.substring(int) -> string", cost: .traverseFirst, binary: substring),
            Function("<string>.substring(int, int) -> string", cost: .traverseFirst, many: substringTo),
            Function("<string>.replace(string, string) -> string", cost: .search, many: replace),
            Function("<string>.replace(string, string, int) -> string", cost: .search, many: replace),
            Function("<string>.split(string) -> list(string)", cost: .search, binary: split),
            Function("<string>.split(string, int) -> list(string)", cost: .search, many: splitLimited),
            Function("<list(string)>.join() -> string", cost: .elements, unary: join),
            Function("<list(string)>.join(string) -> string", cost: .elements, binary: joinWith),
            Function("<string>.format(list(dyn)) -> string", cost: .traverseFirst, binary: format),
            transformation("<string>.lowerAscii() -> string") { $0.map(lower) },
            transformation("<string>.upperAscii() -> string") { $0.map(upper) },
            transformation("<string>.reverse() -> string") { $0.reversed() },
            transformation("<string>.trim() -> string", trim),
            transformation("strings.quote(string) -> string", quote),
        ]

    // MARK: Whole texts

    private static func transformation(
        _ signature: String, _ transform: @escaping @Sendable ([Unicode.Scalar]) -> [Unicode.Scalar]
    ) -> Function {
        Function(signature, cost: .traverseFirst) { (text, _) throws(EvaluationError) in
            guard case .string(let text) = text else { throw .noSuchOverload(signature, [text]) }
            return .string(String(scalars: transform(Array(text.unicodeScalars))))
        }
    }

    @Sendable private static func lower(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        "A"..."Z" ~= scalar ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar
    }

    @Sendable private static func upper(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        "a"..."z" ~= scalar ? Unicode.Scalar(UInt8(scalar.value) - 32) : scalar
    }

    @Sendable private static func trim(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return [] }
        return Array(scalars[first...last])
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\u{07}": "\\a", "\u{08}": "\\b", "\u{0C}": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
        "\u{0B}": "\\v",
        "\\": "\\\\", "\"": "\\\"",
    ]

    @Sendable private static func quote(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = ["\""]
        for scalar in scalars {
            if let escape = escapes[scalar] { result += escape.unicodeScalars } else { result.append(scalar) }
        }
        return result + ["\""]
    }

    // MARK: Positions

    private static func charAt(
        _ text: CELValue, _ position: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .int(let position) = position else {
            throw .noSuchOverload("charAt", [text, position])
        }
        let scalars = Array(text.unicodeScalars)
        let index = try checked(position, 0...scalars.count)
        return .string(index == scalars.count ? "" : String(scalars: [scalars[index]]))
    }

    private static func substring(
        _ text: CELValue, _ start: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .int(let start) = start else {
            throw .noSuchOverload("substring", [text, start])
        }
        let scalars = Array(text.unicodeScalars)
        return .string(String(scalars: scalars[try checked(start, 0...scalars.count)...]))
    }

    private static func substringTo(
        _ arguments: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = arguments[0], case .int(let start) = arguments[1],
            case .int(let end) = arguments[2]
        else { throw .noSuchOverload("substring", arguments) }
        let scalars = Array(text.unicodeScalars)
        let lower = try checked(start, 0...scalars.count)
        return .string(String(scalars: scalars[lower..<(try checked(end, lower...scalars.count))]))
    }

    private static func checked(_ position: Int64, _ range: ClosedRange<Int>) throws(EvaluationError) -> Int {
        guard let index = Int(exactly: position), range.contains(index) else {
            throw EvaluationError(.indexOutOfRange, "index \(position) is out of range")
        }
        return index
    }

    // MARK: Searching

    private static func indexOf(
        _ text: CELValue, _ part: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .string(let part) = part else {
            throw .noSuchOverload("indexOf", [text, part])
        }
        return .int(Int64(first(of: Array(part.unicodeScalars), in: Array(text.unicodeScalars), from: 0)))
    }

    private static func indexOfFrom(
        _ arguments: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = arguments[0], case .string(let part) = arguments[1],
            case .int(let offset) = arguments[2]
        else { throw .noSuchOverload("indexOf", arguments) }
        let scalars = Array(text.unicodeScalars)
        let start = try checked(offset, 0...max(0, part.isEmpty ? scalars.count : scalars.count - 1))
        return .int(Int64(first(of: Array(part.unicodeScalars), in: scalars, from: start)))
    }

    private static func lastIndexOf(
        _ text: CELValue, _ part: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .string(let part) = part else {
            throw .noSuchOverload("lastIndexOf", [text, part])
        }
        let scalars = Array(text.unicodeScalars)
        return .int(Int64(last(of: Array(part.unicodeScalars), in: scalars, from: scalars.count)))
    }

    private static func lastIndexOfFrom(
        _ arguments: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = arguments[0], case .string(let part) = arguments[1],
            case .int(let offset) = arguments[2]
        else { throw .noSuchOverload("lastIndexOf", arguments) }
        let scalars = Array(text.unicodeScalars)
        let start = try checked(offset, 0...max(0, part.isEmpty ? scalars.count : scalars.count - 1))
        return .int(Int64(last(of: Array(part.unicodeScalars), in: scalars, from: start)))
    }

    /// The first place at or after `start`; -1 when there is none.
    private static func first(of part: [Unicode.Scalar], in text: [Unicode.Scalar], from start: Int) -> Int {
        guard start + part.count <= text.count else { return -1 }
        return (start...text.count - part.count).first { text[$0..<$0 + part.count].elementsEqual(part) }
            ?? -1
    }

    /// The last place at or before `start`; -1 when there is none.
    private static func last(of part: [Unicode.Scalar], in text: [Unicode.Scalar], from start: Int) -> Int {
        guard part.count <= text.count else { return -1 }
        let latest = min(start, text.count - part.count)
        return (0...latest).last { text[$0..<$0 + part.count].elementsEqual(part) } ?? -1
    }

    // MARK: Taking apart and putting together

    private static func replace(
        _ arguments: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = arguments[0], case .string(let old) = arguments[1],
            case .string(let new) = arguments[2]
        else { throw .noSuchOverload("replace", arguments) }
        var limit = -1
        if arguments.count == 4 {
            guard case .int(let count) = arguments[3] else { throw .noSuchOverload("replace", arguments) }
            limit = Int(count)
        }
        let maximum = limit < 0 || limit == .max ? .max : limit + 1
        let pieces = try pieces(of: text, at: old, maximum: maximum, &evaluation)
        try evaluation.chargeTraversal(text.utf8.count + pieces.count * new.utf8.count)
        return .string(pieces.joined(separator: new))
    }

    private static func split(
        _ text: CELValue, _ separator: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        try splitLimited([text, separator, .int(-1)], &evaluation)
    }

    private static func splitLimited(
        _ arguments: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = arguments[0], case .string(let separator) = arguments[1],
            case .int(let limit) = arguments[2]
        else { throw .noSuchOverload("split", arguments) }
        guard limit != 0 else { return .list([]) }
        let maximum = limit < 0 ? Int.max : Int(limit)
        let parts =
            separator.isEmpty
            ? try scalars(of: text, maximum: maximum, &evaluation)
            : try pieces(of: text, at: separator, maximum: maximum, &evaluation)
        return .list(parts.map { .string($0) })
    }

    /// Every scalar on its own; the last piece is the rest when there are more than `maximum`.
    private static func scalars(
        of text: String, maximum: Int, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> [String] {
        let scalars = text.unicodeScalars
        try evaluation.charge(min(scalars.count, maximum))
        guard scalars.count > maximum else { return scalars.map { String(scalars: [$0]) } }
        return scalars.prefix(maximum - 1).map { String(scalars: [$0]) } + [
            String(scalars.dropFirst(maximum - 1))
        ]
    }

    /// The text between the places where the separator is found, at most `maximum` pieces; an empty separator is
    /// found before every scalar and at the end.
    private static func pieces(
        of text: String, at separator: String, maximum: Int, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> [String] {
        let scalars = Array(text.unicodeScalars)
        let part = Array(separator.unicodeScalars)
        var pieces: [String] = []
        var start = 0
        var search = 0
        while pieces.count < maximum - 1 {
            let place = first(of: part, in: scalars, from: search)
            guard place >= 0 else { break }
            try evaluation.charge(1)
            pieces.append(String(scalars: scalars[start..<place]))
            start = place + part.count
            search = part.isEmpty ? place + 1 : start
        }
        return pieces + [String(scalars: scalars[start...])]
    }

    private static func join(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        try joinWith(list, .string(""), &evaluation)
    }

    private static func joinWith(
        _ list: CELValue, _ separator: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .list(let list) = list, case .string(let separator) = separator else {
            throw .noSuchOverload("join", [list, separator])
        }
        var result = ""
        for position in 0..<list.count {
            guard case .string(let part) = list[position] else {
                throw .noSuchOverload("join", [list[position]])
            }
            if position > 0 { result += separator }
            result += part
            try evaluation.chargeTraversal(part.utf8.count + separator.utf8.count)
        }
        return .string(result)
    }

    private static func format(
        _ text: CELValue, _ arguments: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .list(let arguments) = arguments else {
            throw .noSuchOverload("format", [text, arguments])
        }
        return .string(try Format.text(text, arguments, &evaluation))
    }
}

extension String {
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self = String(view)
    }
}
