internal import JSON

/// Compiles the leaves of a tree and collects their problems.
struct TemplateCompiler {
    private let declarations: Declarations
    private(set) var leaves: [Template.Leaf] = []
    private(set) var problems: [TemplateError.Problem] = []

    init(_ declarations: Declarations) { self.declarations = declarations }

    mutating func part(_ tree: JSONValue, _ path: TemplatePath) -> Template.Part {
        switch tree {
        case .string(let text): return leaf(text, path)
        case .array(let elements):
            var parts: [Template.Part] = []
            for (index, element) in elements.enumerated() {
                parts.append(part(element, path.appending(.index(index))))
            }
            return parts.allSatisfy(\.isConstant)
                ? .constant(.array(parts.compactMap(\.constant))) : .array(parts)
        case .object(let object):
            var parts: [(key: String, part: Template.Part)] = []
            for (key, value) in object { parts.append((key, part(value, path.appending(.key(key))))) }
            guard parts.allSatisfy(\.part.isConstant) else { return .object(parts) }
            var constant = JSONObject()
            for (key, part) in parts { constant.append(key, part.constant ?? .null) }
            return .constant(.object(constant))
        case .null, .bool, .number: return .constant(tree)
        }
    }

    private mutating func leaf(_ text: String, _ path: TemplatePath) -> Template.Part {
        do throws(CompilationError) {
            let template = try TextTemplate.compile(text, in: declarations)
            switch (template.segments.first, template.segments.count) {
            case (nil, _): return .constant(.string(""))
            case (.text(let text), 1): return .constant(.string(text))
            default:
                leaves.append(Template.Leaf(path: path, text: template))
                return .leaf(template)
            }
        } catch {
            problems += error.diagnostics.map { TemplateError.Problem(path: path, diagnostic: $0) }
            return .constant(.null)
        }
    }
}

extension Template.Part {
    fileprivate var constant: JSONValue? {
        if case .constant(let value) = self { value } else { nil }
    }

    fileprivate var isConstant: Bool { constant != nil }
}
