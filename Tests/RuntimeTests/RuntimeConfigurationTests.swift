import Resources
import Store
import TestSupport
import Testing

@testable import Runtime

struct RuntimeConfigurationTests {
    private static func row(_ kind: String, _ name: String, _ spec: String) -> LiveResource {
        let canonical =
            #"{"apiVersion":"sync.zentra.dev/v1","kind":"\#(kind)","metadata":{"name":"\#(name)"},"spec":\#(spec)}"#
        return LiveResource(
            kind: kind, name: name, canonical: canonical, digest: "\(canonical.hashValue)",
            isProtected: false,
            file: "", line: 0, commit: "")
    }

    private static func secret(_ name: String, _ variable: String) -> LiveResource {
        row("SecretReference", name, #"{"from":{"env":"\#(variable)"}}"#)
    }

    private static func subscription(_ name: String, _ version: Int = 1) -> LiveResource {
        row(
            "Subscription", name,
            #"{"events":["ticket.created"],"signing":{"secretRef":"k"},"targetURL":"https://e.example.com/\#(version)"}"#
        )
    }

    @Test func `changes lead to what reading everything would, and leave the rest as it is`() {
        let before = [
            Self.secret("k", "A"), Self.subscription("a"), Self.subscription("c"), Self.subscription("e"),
        ]
        let after = [
            Self.secret("k", "B"), Self.subscription("a"), Self.subscription("b"), Self.subscription("c", 2),
        ]
        let first = RuntimeConfiguration(LiveConfiguration(serial: 1, resources: before))
        let changes = LiveChanges(
            serial: 2, upserts: [after[0], after[2], after[3]],
            deletions: [.init(kind: "Subscription", name: "e")], subscriptionsCreatedAt: [:])
        let second = first.applying(changes)
        let whole = RuntimeConfiguration(LiveConfiguration(serial: 2, resources: after))
        #expect(second.serial == 2)
        #expect(second.orderedSubscriptions.map(\.name) == ["a", "b", "c"])
        #expect(second.orderedSubscriptions.map(\.spec) == whole.orderedSubscriptions.map(\.spec))
        #expect(second.secrets == whole.secrets)
        #expect(Set(second.subscriptions.keys) == Set(whole.subscriptions.keys))
        #expect(second.problems.isEmpty)
        #expect(second.subscriptions["a"] === first.subscriptions["a"])
        #expect(second.subscriptions["c"] !== first.subscriptions["c"])
    }

    @Test func `a row whose form is another's is said and not used`() {
        let copy = LiveResource(
            kind: "Subscription", name: "b", canonical: Self.subscription("a").canonical, digest: "d",
            isProtected: false, file: "", line: 0, commit: "")
        let configuration = RuntimeConfiguration(
            LiveConfiguration(serial: 1, resources: [Self.subscription("a"), copy]))
        #expect(configuration.orderedSubscriptions.map(\.name) == ["a"])
        #expect(configuration.problems == ["Subscription/b: its form is that of Subscription/a"])
    }
}

/// What random changes lead to is what reading everything would. A failure names its seed.
struct RuntimeConfigurationPropertyTests {
    private static let specs = [
        ("SecretReference", #"{"from":{"env":"V%"}}"#),
        ("ApiToken", #"{"scopes":["events:write"],"secretRef":"k%"}"#),
        (
            "Subscription",
            #"{"events":["ticket.created"],"signing":{"secretRef":"k"},"targetURL":"https://e.example.com/%"}"#
        ),
        ("Alien", #"{"version":%}"#),
    ]

    private static func row(_ kind: String, _ name: String, _ version: Int) -> LiveResource {
        let spec = (specs.first { $0.0 == kind }?.1 ?? "{}").replacing("%", with: "\(version)")
        // Some are not what they should be.
        let own = version == 0 ? "other" : name
        let canonical =
            #"{"apiVersion":"sync.zentra.dev/v1","kind":"\#(kind)","metadata":{"name":"\#(own)"},"spec":\#(spec)}"#
        return LiveResource(
            kind: kind, name: name, canonical: canonical, digest: "\(version)", isProtected: false, file: "",
            line: 0, commit: "")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `changes lead to what reading everything would`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var rows: [ConfigurationChange.Name: LiveResource] = [:]
        var configuration = RuntimeConfiguration(LiveConfiguration(serial: 1, resources: []))
        for serial in Int64(2)..<30 {
            var changed: Set<ConfigurationChange.Name> = []
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let kind = Self.specs.randomElement(using: &random)?.0 ?? ""
                let row = Self.row(
                    kind, "n\(Int.random(in: 0..<8, using: &random))", Int.random(in: 0..<6, using: &random))
                rows[row.id] = Int.random(in: 0..<3, using: &random) == 0 ? nil : row
                changed.insert(row.id)
            }
            configuration = configuration.applying(
                LiveChanges(
                    serial: serial, upserts: changed.compactMap { rows[$0] },
                    deletions: changed.filter { rows[$0] == nil }, subscriptionsCreatedAt: [:]))
            let whole = RuntimeConfiguration(
                LiveConfiguration(serial: serial, resources: rows.values.shuffled(using: &random)))
            let comment: Testing.Comment = "seed \(seed), serial \(serial)"
            #expect(configuration.problems == whole.problems, comment)
            #expect(configuration.secrets == whole.secrets, comment)
            #expect(configuration.tokens.map(\.name) == whole.tokens.map(\.name), comment)
            #expect(configuration.tokens.map(\.spec.secretRef) == whole.tokens.map(\.spec.secretRef), comment)
            #expect(
                configuration.orderedSubscriptions.map(\.name) == whole.orderedSubscriptions.map(\.name),
                comment)
            #expect(
                configuration.orderedSubscriptions.map(\.spec) == whole.orderedSubscriptions.map(\.spec),
                comment)
            #expect(
                configuration.subscriptions.mapValues(\.spec) == whole.subscriptions.mapValues(\.spec),
                comment)
            #expect(Set(configuration.difference?.resources ?? []) == changed, comment)
        }
    }
}
