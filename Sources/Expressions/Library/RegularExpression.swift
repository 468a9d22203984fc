internal import CRE2

/// A compiled regular expression with the syntax and the guarantees of RE2: time linear in the text, no
/// backtracking, bounded memory.
final class RegularExpression: @unchecked Sendable {
    // RE2 promises that matching with one object is safe from any number of threads; it is changed by nothing.
    private let pattern: OpaquePointer

    /// Bytes that a compiled pattern and its automaton may take.
    private static let maximumMemory = 1 << 20

    init(_ text: String) throws(EvaluationError) {
        var text = text
        pattern = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                cre2_compile(bytes.baseAddress, bytes.count, Self.maximumMemory)
            }
        }
        if let error = cre2_error(pattern) {
            throw .invalidArgument("the regular expression is not valid: \(String(cString: error))")
        }
    }

    deinit { cre2_free(pattern) }

    /// Whether the expression matches anywhere in the text.
    func matches(_ text: String) -> Bool {
        ScalarString.withBytes(text) { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cre2_matches(pattern, $0.baseAddress, $0.count) }
        }
    }
}
