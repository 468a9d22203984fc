import Resources
import TestSupport
import Testing

/// What is read of changes comes to what is read of everything, on random ones. A failure names its seed.
struct FileChangesTests {
    private struct Unreadable: Error {}

    /// Files by path, most of which are right: what is wrong with one is wrong with the whole.
    private struct Repository {
        var files = [
            "k.yaml": Self.document("SecretReference", "k", "{from: {env: K}}"),
            "m.yaml": Self.workflow("main", "{triggers: [{manual: {}}]"),
        ]

        mutating func change(_ random: inout SeededRandom) {
            let start = Repository()
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let path = "f\(Int.random(in: 0..<8, using: &random)).yaml"
                switch Int.random(in: 0..<24, using: &random) {
                case 0...3: files[path] = nil
                // A file that is renamed, and back.
                case 4, 5: files["r\(path)"] = files.removeValue(forKey: path)
                case 6, 7: files[path] = files.removeValue(forKey: "r\(path)")
                case 8: files[path] = "broken: [" + path
                case 9: files[path] = "kind: Nonsense\nmetadata: {name: x}\n"
                case 10: files["k.yaml"] = nil
                case 11: files["m.yaml"] = nil
                // The same names once more.
                case 12: files["copy.yaml"] = files[path]
                default:
                    files[path] = (0...Int.random(in: 0...1, using: &random)).map {
                        Self.random("\(path.dropLast(5))-\($0)", &random)
                    }.joined(separator: "---\n")
                }
            }
            guard Bool.random(using: &random) else { return }
            files = files.filter { !$0.value.hasPrefix("broken") && !$0.value.contains("Nonsense") }
            files["copy.yaml"] = nil
            files.merge(start.files) { _, start in start }
            for path in files.keys where path.hasPrefix("r") && files[String(path.dropFirst())] != nil {
                files[path] = nil
            }
        }

        private static func random(_ name: String, _ random: inout SeededRandom) -> String {
            let number = Int.random(in: 1...9, using: &random)
            let secret = Int.random(in: 0..<80, using: &random) == 0 ? "f\(number)-0" : "k"
            return switch Int.random(in: 0..<8, using: &random) {
            case 0: document("SecretReference", name, "{from: {env: A\(number)}}")
            case 1: document("ApiToken", name, "{secretRef: \(secret), scopes: [events:write]}")
            case 2:
                workflow(
                    name, "{triggers: [{event: ticket.created}], steps: [{id: a, call: {workflow: main}}]}")
            case 3: workflow(name, "{triggers: [{event: ticket.created}]")
            default:
                document(
                    "Subscription", name,
                    "{targetURL: 'https://e.example.com/\(number)', events: [ticket.created], signing: {secretRef: \(secret)}, maxInFlight: \(number)}"
                )
            }
        }

        /// - Parameter spec: with an open end, one that may set itself off.
        private static func workflow(_ name: String, _ spec: String) -> String {
            let step = ", steps: [{id: make, create: {record: ticket, set: {subject: Again}}}]}"
            return document(
                "Workflow", name, spec.hasSuffix("}") && spec.contains("steps") ? spec : spec + step)
        }

        private static func document(_ kind: String, _ name: String, _ spec: String) -> String {
            "apiVersion: sync.zentra.dev/v1\nkind: \(kind)\nmetadata: {name: \(name)}\nspec: \(spec)\n"
        }
    }

    private static func file(_ path: String, _ text: String) -> ConfigurationFile {
        ConfigurationFile(path: path, contentID: text, bytes: Array(text.utf8))
    }

    private static func changes(_ old: [String: String], _ new: [String: String]) -> FileChanges {
        FileChanges(
            updated: new.filter { old[$0.key] != $0.value }.map(file),
            removed: old.keys.filter { new[$0] == nil })
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `changes of files come to what all of them come to`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var repository = Repository()
        var loader = Loader()
        _ = loader.load(repository.files.map(Self.file))
        var valid = 0
        for round in 0..<40 {
            let before = repository.files
            repository.change(&random)
            let loaded = loader.load(Self.changes(before, repository.files))
            var fresh = Loader()
            let whole = fresh.load(repository.files.map(Self.file))
            expectSame(loaded, whole, "seed \(seed), round \(round)")
            if loaded.isValid { valid += 1 }
        }
        #expect(valid > 5, "seed \(seed) tries too little that is valid")
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `with an environment, what is remembered of files comes to what reading them comes to`(
        _ seed: UInt64
    ) {
        var random = SeededRandom(seed: seed)
        var files = [
            "base/k.yaml":
                "apiVersion: sync.zentra.dev/v1\nkind: SecretReference\nmetadata: {name: k}\nspec: {from: {env: K}}\n",
            "base/values.yaml": "host: first.example.com\n", "env/prod/values.yaml": "{}\n",
        ]
        func subscription(_ number: Int) -> String {
            """
            apiVersion: sync.zentra.dev/v1
            kind: Subscription
            metadata: {name: n\(number)}
            spec: {targetURL: "https://${values.host}/\(number)", events: [ticket.created], signing: {secretRef: k}}
            """
        }
        var loader = Loader(environment: "prod")
        var valid = 0
        for round in 0..<60 {
            let number = Int.random(in: 0..<5, using: &random)
            let overlay =
                "kind: Subscription\nmetadata: {name: n\(number)}\nspec: {maxInFlight: \(round + 1)}\n"
            switch Int.random(in: 0..<12, using: &random) {
            case 0: (files["base/f\(number).yaml"], files["env/prod/o\(number).yaml"]) = (nil, nil)
            case 1: files["env/prod/values.yaml"] = "host: h\(number).example.com\n"
            case 2: files["base/values.yaml"] = "host: b\(number).example.com\n"
            case 3:
                if files["base/f\(number).yaml"] != nil { files["env/prod/o\(number).yaml"] = overlay }
            case 4: files["env/prod/o\(number).yaml"] = nil
            // A file that is renamed, and back; an overlay finds what it is for all the same.
            case 5: files["base/r\(number).yaml"] = files.removeValue(forKey: "base/f\(number).yaml")
            case 7: files["base/f\(number).yaml"] = files.removeValue(forKey: "base/r\(number).yaml")
            case 6: files["env/prod/values.yaml"] = "{}\n"
            default: files["base/f\(number).yaml"] = subscription(number)
            }
            let loaded = loader.load(files.map(Self.file))
            var fresh = Loader(environment: "prod")
            expectSame(loaded, fresh.load(files.map(Self.file)), "seed \(seed), round \(round)")
            if loaded.isValid { valid += 1 }
        }
        #expect(valid > 0, "seed \(seed) tries too little that is valid")
    }

    private func expectSame(_ one: LoadedConfiguration, _ other: LoadedConfiguration, _ comment: Comment) {
        #expect(one.diagnostics == other.diagnostics, comment)
        #expect(one.fileCount == other.fileCount, comment)
        #expect(one.isValid == other.isValid, comment)
        guard let left = try? one.desiredState(), let right = try? other.desiredState() else { return }
        #expect(left.resources.map(\.canonical) == right.resources.map(\.canonical), comment)
        #expect(left.resources.map(\.position) == right.resources.map(\.position), comment)
        #expect(left.tests.map(\.canonical) == right.tests.map(\.canonical), comment)
    }

    @Test func `what did not change is carried over as it is, and told from what did`() throws {
        var loader = Loader()
        func token(_ name: String, _ scope: String = "events:write") -> String {
            "apiVersion: sync.zentra.dev/v1\nkind: ApiToken\nmetadata: {name: \(name)}\nspec: {secretRef: k, scopes: [\(scope)]}\n"
        }
        let key =
            "apiVersion: sync.zentra.dev/v1\nkind: SecretReference\nmetadata: {name: k}\nspec: {from: {env: K}}\n"
        var files = ["k.yaml": key, "a.yaml": token("a"), "b.yaml": token("b"), "d.yaml": token("d")]
        let first = try loader.load(files.map(Self.file)).desiredState()
        let before = files
        files["a.yaml"] = nil
        files["b.yaml"] = token("b", "deliveries:read")
        files["c.yaml"] = token("c")
        let second = try loader.load(Self.changes(before, files)).desiredState()
        #expect(
            second.differences(from: first).map { "\($0.id) \($0.resource?.id.name ?? "gone")" }
                == ["ApiToken/a gone", "ApiToken/b b", "ApiToken/c c"])
        #expect(
            first.differences(from: second).map { "\($0.id) \($0.resource?.id.name ?? "gone")" }
                == ["ApiToken/a a", "ApiToken/b b", "ApiToken/c gone"])
        #expect(second[ResourceID(.apiToken, "d")] === first[ResourceID(.apiToken, "d")])
        #expect(second.differences(from: second).isEmpty)
    }

    @Test func `edits of a list come to the list that they describe`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<500 {
            let numbers = Set((0..<20).map { _ in Int.random(in: 0..<40, using: &random) })
            var expected = numbers
            var edits: [(key: Int, element: Int?)] = []
            for key in (0..<40).shuffled(using: &random).prefix(Int.random(in: 0...15, using: &random))
                .sorted()
            {
                let isKept = Bool.random(using: &random)
                edits.append((key, isKept ? key : nil))
                if isKept { expected.insert(key) } else { expected.remove(key) }
            }
            let (list, gone) = numbers.sorted().applying(edits, key: \.self)
            #expect(list == expected.sorted())
            #expect(Set(gone) == numbers.intersection(edits.map(\.key)))
        }
    }
}
