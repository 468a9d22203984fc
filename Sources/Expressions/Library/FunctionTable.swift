/// The functions that an expression can call, by name and style.
struct FunctionTable: Sendable {
    private struct Key: Hashable {
        let name: String
        let isMethod: Bool
    }

    private var functions: [Key: [Function]] = [:]

    /// CEL's standard library, its extensions, and ours.
    static let standard = FunctionTable(
        StandardOperators.functions + StandardConversions.functions + StandardText.functions
            + TimeLibrary.functions
            + StringsLibrary.functions + MathLibrary.functions + ListsLibrary.functions
            + SetsLibrary.functions
            + OptionalsLibrary.functions + EncodersLibrary.functions + PayloadLibrary.functions)

    private init(_ functions: [Function]) {
        for function in functions { add(function) }
    }

    mutating func add(_ function: Function) {
        functions[Key(name: function.name, isMethod: function.isMethod), default: []].append(function)
    }

    func named(_ name: String, isMethod: Bool) -> [Function] {
        functions[Key(name: name, isMethod: isMethod)] ?? []
    }

    /// Whether there are functions such as `name.f`.
    func hasNamespace(_ name: String) -> Bool {
        functions.keys.contains { !$0.isMethod && $0.name.hasPrefix(name + ".") }
    }

    /// Names to suggest for a misspelt one.
    func names(isMethod: Bool) -> [String] {
        functions.keys.filter { $0.isMethod == isMethod && !$0.name.contains("_") }.map(\.name).sorted()
    }
}
