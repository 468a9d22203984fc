import Resources
import Store
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
