import TestSupport
import Testing

@Suite("Broken files", .timeLimit(.minutes(5)))
struct BrokenFileTests {
    private static let subscription = Resources.subscription(to: "https://erp.example.com/hooks")

    /// A file, and what is said about it.
    private static let cases: [(name: String, text: String, expected: String)] = [
        ("an open bracket", "kind: [\n", "error[syntax]"),
        ("a tab", "kind: Subscription\nspec:\n\tevents: []\n", "broken.yaml:3:1: error[syntax]"),
        ("wrong indentation", "kind: SecretReference\n metadata: {name: a}\n", "error[syntax]"),
        (
            "an unknown kind", Resources.document("Subscripton", "a", "events: []"),
            "broken.yaml:3:7: error[unknown-kind]"
        ),
        (
            "an unknown field", subscription.replacing("events:", with: "evnets:"),
            "did you mean `events`?"
        ),
        (
            "an unknown event", subscription.replacing("\"*\"", with: "ticket.closed"),
            "error[unknown-event]: `ticket.closed` is not in the event catalogue"
        ),
        ("a key twice", subscription + "  events: [ticket.created]\n", "error[duplicate-key]"),
        ("a name twice", subscription + subscription, "error[duplicate-name]"),
        (
            "a reference to nothing", subscription.replacing("erp-signing", with: "erp-singing"),
            "did you mean `erp-signing`?"
        ),
        ("a wrong type", subscription.replacing("[\"*\"]", with: "all"), "error["),
        ("a wrong unit", subscription.replacing("5m", with: "15"), "broken.yaml:10:12: error["),
        ("a wrong name", subscription.replacing("name: erp", with: "name: ERP"), "broken.yaml:4:18: error["),
        (
            "a file that is no resource", "services:\n  web: {image: nginx}\n",
            "error["
        ),
        ("a password in a URL", subscription.replacing("https://", with: "https://me:canary@"), "error["),
        (
            "aliases that multiply",
            "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                + "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                + "f: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "error["
        ),
        ("no UTF-8 text", "kind: \u{0}\n", "error["),
    ]

    @Test func `validate names the place and the problem`() async throws {
        let world = try await Workspace()
        for (name, text, expected) in Self.cases {
            let folder = name.replacing(" ", with: "-")
            try world.folder.write(Resources.base, to: "\(folder)/base.yaml")
            try world.folder.write(text, to: "\(folder)/broken.yaml")
            let result = try await world.run("validate", folder)
            #expect(result.status == 1, "\(name): \(result)")
            #expect(result.output.contains("\(folder)/broken.yaml:"), "\(name): \(result)")
            #expect(result.output.contains(expected), "\(name): \(result)")
            #expect(!result.output.contains("canary"), "\(name): \(result)")
            let plan = try await world.run("plan", "--dir", folder)
            #expect(plan.status == 1, "\(name)")
            #expect(plan.output.isEmpty, "\(name): no plan of half a configuration: \(plan)")
        }
    }

    @Test func `all problems of all files come in one run`() async throws {
        let world = try await Workspace()
        for (index, item) in Self.cases.enumerated() {
            try world.folder.write(item.text, to: "config/\(index)/broken.yaml")
        }
        let result = try await world.run("validate", "config")
        #expect(result.status == 1)
        for index in Self.cases.indices {
            #expect(result.output.contains("config/\(index)/broken.yaml:"), "\(Self.cases[index].name)")
        }
        #expect(result.errors.hasPrefix("\(Self.cases.count) files: "), "\(result.errors)")
    }

    @Test func `programs read the problems as JSON, SARIF or annotations`() async throws {
        let world = try await Workspace()
        try world.folder.write("kind: [\n", to: "config/broken.yaml")
        for (format, expected) in [
            ("json", "\"code\": \"syntax\""), ("sarif", "\"version\": \"2.1.0\""),
            ("github", "::error file=config/broken.yaml,line="),
        ] {
            let result = try await world.run("validate", "config", "--format", format)
            #expect(result.status == 1, "\(format)")
            #expect(result.output.contains(expected), "\(result)")
            #expect(result.errors.isEmpty, "\(result)")
        }
    }
}
