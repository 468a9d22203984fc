import Testing

@testable import Resources

/// What each type of field takes and refuses, on fields that have it.
struct FieldTests {
    private func loadAll(_ text: String, checker: ExpressionChecker = .compiling) -> LoadedConfiguration {
        var loader = Loader(checker: checker, acceptsPlanned: true)
        return loader.load([ConfigurationFile(path: "a.yaml", contentID: "1", bytes: Array(text.utf8))])
    }

    @Test(arguments: [
        "maxInFlight: 8", "maxInFlight: 0x8", "maxInFlight: 1000", "retry: {multiplier: 2}",
        "retry: {multiplier: 2.5e0, jitter: .5}",
        "suspend: True", "suspend: false", "timeout: 100ms", "timeout: 5m",
        "deliveryLog: {bodyLimit: 1MiB, keep: 0}", "rateLimit: 100/s",
        "filter: event.data.priority == 'high'", "filter: true",
        "filter: |\n    event.id != ''\n    && true\n",
        "body: {a: [1, null, true, 1.50, \"${event.id}\"]}",
        "body: 5", "body: null", "circuitBreaker: false", "circuitBreaker: {minimum: 5}",
        "order: perKey\n  orderKey: event.data.id",
        "headers: {X-A: \"${event.id}\"}", "headers: {}", "tls: {caRef: erp-signing}",
        "retry: {retryStatus: [408]}",
    ])
    func `a field takes what it allows`(_ field: String) {
        #expect(places(loadAll(subscription(field))) == [])
    }

    @Test(arguments: [
        ("maxInFlight: 8.0", "wrong-type"), ("maxInFlight: \"8\"", "wrong-type"),
        ("maxInFlight: 0", "invalid-value"),
        ("maxInFlight: 99999999999999999999", "invalid-value"), ("maxInFlight: 08", "ambiguous-scalar"),
        ("maxInFlight:", "wrong-type"),
        ("retry: {multiplier: .inf}", "invalid-value"), ("retry: {multiplier: .nan}", "invalid-value"),
        ("retry: {multiplier: x}", "wrong-type"),
        ("suspend: yes", "wrong-type"), ("suspend: 1", "wrong-type"), ("suspend: \"true\"", "wrong-type"),
        ("timeout: 15", "wrong-type"),
        ("timeout: 15 s", "invalid-value"), ("timeout: 99ms", "invalid-value"),
        ("timeout: 6m", "invalid-value"),
        ("deliveryLog: {bodyLimit: 2MiB}", "invalid-value"),
        ("deliveryLog: {bodyLimit: 16k}", "invalid-value"), ("deliveryLog: []", "wrong-type"),
        ("rateLimit: 100", "wrong-type"), ("rateLimit: 100/d", "invalid-value"),
        ("filter: [a]", "wrong-type"), ("filter: \"\"", "invalid-value"),
        ("filter: ${event.id}", "template-in-condition"), ("filter: a == 'x #y'", "invalid-expression"),
        ("body: {a: .inf}", "invalid-value"),
        ("body: {1: a}", "ambiguous-scalar"), ("circuitBreaker: true", "wrong-type"),
        ("circuitBreaker: off", "wrong-type"),
        ("order: perkey", "invalid-value"), ("order: perKey", "missing-field"),
        ("orderKey: event.id", "conflicting-fields"),
        ("headers: {X-A: \"a\\nb\"}", "invalid-value"), ("headers: {X-A: null}", "wrong-type"),
        ("headers: {webhook-id: a}", "invalid-name"),
        ("headers: {\"a b\": c}", "invalid-name"), ("tls: {clientKeyRef: erp-signing}", "missing-field"),
        ("retry: {retryStatus: [500]}", "invalid-value"),
        ("retry: {retryStatus: [408, 408]}", "invalid-value"),
    ])
    func `a field refuses what it does not allow`(_ field: String, _ code: String) {
        #expect(loadAll(subscription(field)).diagnostics.map(\.code.rawValue) == [code])
    }

    @Test func `a status that is never retried is a warning at its place`() {
        let loaded = loadAll(subscription("retry: {retryStatus: [408, 410]}"))
        #expect(loaded.isValid)
        #expect(places(loaded) == ["8:30 no-effect"])
        #expect(
            loaded.diagnostics.first?.message
                == "410 has no effect in `retryStatus`: the receiver is gone")
    }

    @Test func `the trap of a comment within an expression is explained at its place`() {
        let loaded = loadAll(subscription("filter: event.data.subject == 'a #b'"))
        #expect(places(loaded) == ["8:36 invalid-expression"])
        #expect(loaded.diagnostics.first?.hint == "quote the whole value")
    }

    @Test func `a comment behind a whole expression is none of our business`() {
        #expect(loadAll(subscription("filter: event.data.subject == 'a' # b")).isValid)
    }

    @Test func `the checker gets each expression with its scope, and its problems show in the file`() {
        let checker = ExpressionChecker { use, context in
            guard let offset = use.text.unicodeScalars.firstIndex(of: "@") else { return .init() }
            let count = use.text.unicodeScalars.distance(from: use.text.unicodeScalars.startIndex, to: offset)
            return .init([.init(offset: count, message: "\(use.form) \(context.scope) \(use.path)")])
        }
        let text = subscription(
            "filter: |\n    true &&\n      @x\n  body: {deep: [\"ä ${@}\"]}\n  headers: {X-A: '${@}'}")
        let loaded = loadAll(text, checker: checker)
        #expect(
            places(loaded) == [
                "10:7 invalid-expression", "11:22 invalid-expression", "12:21 invalid-expression",
            ])
        #expect(
            loaded.diagnostics.map(\.message) == [
                "condition subscriptionFilter spec.filter",
                "template subscriptionBody spec.body.deep[0]",
                "template subscriptionHeader spec.headers.X-A",
            ])
        #expect(!loaded.isValid)
    }

    @Test func `a misspelt annotation of ours protects nothing and is an error`() throws {
        func annotated(_ annotation: String) -> LoadedConfiguration {
            load(
                secret.replacing(
                    "{name: erp-signing}", with: "{name: erp-signing, annotations: {\(annotation)}}"))
        }
        #expect(annotated("sync.zentra.dev/protct: \"true\"").diagnostics.map(\.code) == [.unknownField])
        #expect(annotated("sync.zentra.dev/protect: \"yes\"").diagnostics.map(\.code) == [.invalidValue])
        #expect(annotated("sync.zentra.dev/protect: true").diagnostics.map(\.code) == [.wrongType])
        #expect(
            try annotated("sync.zentra.dev/protect: \"true\"").desiredState().resources.first?.isProtected
                == true)
    }

    @Test func `a reserved name is refused`() {
        let text = """
            apiVersion: sync.zentra.dev/v1
            kind: InboundEndpoint
            metadata: {name: callbacks}
            spec: {verify: {preset: {name: github, secretRef: erp-signing}}}
            ---
            \(secret)
            """
        #expect(places(loadAll(text)) == ["3:18 invalid-name"])
    }

    @Test func `warnings never push out an error`() {
        let targets = (0..<300).map {
            "\(subscription("", target: "targetURL: http://localhost/").replacing("name: erp}", with: "name: s\($0)}").replacing("---\n\(secret)", with: ""))"
        }
        let text = targets.joined(separator: "\n---\n") + "\n---\n" + secret
        let warned = load(text)
        #expect(warned.warnings.count == 300 && warned.isValid)
        #expect(!load(text.replacing("name: s299", with: "nam: s299")).isValid)
    }

    @Test(arguments: ["a: b: c\n---\n", "---\n- x\n", "a: 01\nb: !x 1\n---\n"])
    func `a file of nothing but errors ends in bounded time`(_ document: String) {
        let loaded = load(String(repeating: document, count: 20_000))
        #expect(!loaded.isValid)
        #expect(loaded.diagnostics.count <= 4_000)
    }
}
