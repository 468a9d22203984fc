import Foundation
import JSON
import Resources
import TestSupport
import Testing

@testable import Reconciler

/// What `dump` writes plans to nothing, tried on random resources of every kind. A failure names its seed.
struct DumpTests {
    /// The documented examples, one of every kind and every field, in canonical form; by file.
    private static let examples: [String: Resource] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/Resources/examples").path
        do {
            var loader = Loader()
            let state = try loader.load(try DirectoryReader(root: folder).files()).desiredState()
            return Dictionary(uniqueKeysWithValues: state.resources.map { ("\($0.id).yaml", $0) })
        } catch {
            preconditionFailure("the examples cannot be read: \(error)")
        }
    }()

    /// Texts that some reader of YAML takes for something else.
    private static let odd = [
        "", " ", "yes", "No", "~", "null", "true", "0o7", "007", "1e3", ".5", "0x1F", "-1", "12:30",
        "2020-01-01",
        "a: b", "a #b", "# c", "- a", "? k", "{", "[x", "]", "}", "&a", "*a", "!t", "!!str x", "|", ">-",
        "%YAML",
        "@", "`", "'", "\"", "\\", "\n", "a\nb\n", "\n a", "\t", " a ", "é", "ß\u{308}", "\u{2028}", "\u{85}",
        "\u{FEFF}", "\u{7F}", "\u{1}", "🚀", "=", "<<", "---", "...", ",", ":", "\r\n", "\u{202E}",
    ]

    private static func text(_ random: inout SeededRandom) -> String {
        (0...Int.random(in: 0...2, using: &random)).map { _ in odd.randomElement(using: &random) ?? "" }
            .joined()
    }

    /// The value with some members gone and some texts replaced, where it may hold anything.
    private static func mutated(_ value: JSONValue, isFree: Bool, _ random: inout SeededRandom) -> JSONValue {
        switch value {
        case .object(let members):
            var result = JSONObject()
            for (key, member) in members {
                if Int.random(in: 0..<12, using: &random) == 0 { continue }
                result[key] = mutated(member, isFree: isFree || free.contains(key), &random)
            }
            if isFree, Int.random(in: 0..<4, using: &random) == 0 {
                result[text(&random)] = [.null, .bool(false), .number(JSONNumber(7)), .object(JSONObject())]
            }
            return .object(result)
        case .array(let elements):
            return .array(elements.map { mutated($0, isFree: isFree, &random) })
        case .string(let old):
            guard isFree, !old.contains("${"), Int.random(in: 0..<2, using: &random) == 0 else {
                return value
            }
            return .string(text(&random))
        default: return value
        }
    }

    /// Members whose values are the user's own.
    private static let free: Set<String> = ["body", "set", "labels", "output", "form", "headers", "payload"]

    /// YAML in flow style, by other means than those under test: JSON whose texts are all escaped.
    private static func flow(_ value: JSONValue) -> String {
        switch value {
        case .object(let members):
            return "{" + members.map { "\(quoted($0.key)): \(flow($0.value))" }.joined(separator: ", ") + "}"
        case .array(let elements): return "[" + elements.map(flow).joined(separator: ", ") + "]"
        case .string(let text): return quoted(text)
        default: return value.text
        }
    }

    private static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> String in
            let digits = String(scalar.value, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
        return "\"" + scalars.joined() + "\""
    }

    private static func load(_ files: [String: String], environment: String? = nil) -> LoadedConfiguration {
        var loader = Loader(environment: environment)
        return loader.load(
            files.map { ConfigurationFile(path: $0, contentID: $1, bytes: Array($1.utf8)) })
    }

    /// What is left of the files when those with errors are taken out, and what they ask for.
    private static func valid(
        _ files: [String: String], environment: String? = nil
    ) throws -> DesiredState {
        var files = files
        while true {
            let loaded = load(files, environment: environment)
            guard !loaded.isValid else { return try loaded.desiredState() }
            let broken = Set(loaded.errors.map(\.position.file))
            for file in broken { files[file] = nil }
            try #require(!broken.isEmpty && !files.isEmpty)
        }
    }

    /// The documents of a state as `dump` writes them.
    private static func dump(_ state: DesiredState) throws -> String {
        try state.resources.map { YAMLText.document(try JSONValue(parsing: $0.canonical)) }.joined()
    }

    private static func expectNothing(_ state: DesiredState, _ seed: UInt64) throws {
        let text = try dump(state)
        let again = load(["all.yaml": text])
        #expect(again.errors.isEmpty, "seed \(seed): \(again.errors)\n\(text)")
        let plan = Planner.plan(try again.desiredState(), live: .applied(state), revision: .sample)
        #expect(plan.isEmpty, "seed \(seed): \(PlanText(PlanReport(plan: plan, refusals: [])).text)")
        #expect(plan.unchanged == state.resources.count)
    }

    @Test func `a dump of random resources of every kind plans to nothing`() throws {
        var changed: [ResourceKind: Int] = [:]
        for seed in UInt64(0)..<60 {
            var random = SeededRandom(seed: seed)
            var files: [String: String] = [:]
            for (file, resource) in Self.examples.sorted(by: { $0.key < $1.key }) {
                let form = try JSONValue(parsing: resource.canonical)
                files[file] = Self.flow(form)
                // Beside the one that others refer to, under another name.
                for copy in 0..<3 {
                    var document = Self.mutated(form, isFree: false, &random)
                    guard case .object(var members) = document, var metadata = members["metadata"]?.object
                    else {
                        continue
                    }
                    metadata["name"] = .string("r\(copy)-\(resource.id.name)".prefix(63).description)
                    metadata["labels"] = ["a": .string(Self.text(&random))]
                    members["metadata"] = .object(metadata)
                    document = .object(members)
                    files["\(copy)-\(file)"] = Self.flow(document)
                }
            }
            let state = try Self.valid(files)
            for resource in state.resources where resource.id.name.hasPrefix("r") {
                changed[resource.id.kind, default: 0] += 1
            }
            try Self.expectNothing(state, seed)
        }
        // Enough of each kind was left for that to say something.
        for kind in ResourceKind.allCases where kind != .workflowTest {
            #expect(changed[kind, default: 0] > 20, "\(kind): \(changed[kind, default: 0])")
        }
    }

    @Test func `a dump of what an environment makes plans to nothing without it`() throws {
        var overlaid = 0
        for seed in UInt64(0)..<30 {
            var random = SeededRandom(seed: seed)
            var files = ["env/prod/values.yaml": "odd: \(Self.quoted(Self.text(&random)))\nnumber: 4"]
            for (file, resource) in Self.examples.sorted(by: { $0.key < $1.key }) {
                let form = try JSONValue(parsing: resource.canonical)
                files["base/\(file)"] = Self.flow(form)
                let patch = Self.mutated(form["spec"] ?? .null, isFree: false, &random)
                let labels = "{a: \(Self.quoted(Self.text(&random))), b: \"${values.odd}\"}"
                files["env/prod/\(file)"] = """
                    kind: \(resource.id.kind)
                    metadata: {name: \(resource.id.name), labels: \(labels)}
                    spec: \(Self.flow(patch))
                    """
            }
            let state = try Self.valid(files, environment: "prod")
            overlaid += state.resources.count { !$0.origins.isEmpty }
            try Self.expectNothing(state, seed)
        }
        #expect(overlaid > 100, "\(overlaid)")
    }
}
