import JSON
import Resources
import Testing

struct CanonicalFormTests {
    private func canonical(_ text: String) throws -> String {
        try #require(try load(text).desiredState()[ResourceID(.subscription, "erp")]).canonical
    }

    @Test func `the canonical form is compact, sorted JSON with normal units and without defaults`() throws {
        let text = subscription(
            "timeout: 90000ms\n  retry: {maxBackoff: 24h, multiplier: 3.0, maxAttempts: 0x8}\n  deliveryLog: {bodyLimit: 1024KiB}"
        )
        #expect(
            try canonical(text)
                == #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"erp"},"spec":{"deliveryLog":{"bodyLimit":"1MiB"},"events":["ticket.created"],"retry":{"maxAttempts":8,"maxBackoff":"1d","multiplier":3},"signing":{"secretRef":"erp-signing"},"targetURL":"https://erp.example.com/hooks","timeout":"1m30s"}}"#
        )
    }

    /// Whoever changes this digest makes every repository plan an update of every resource.
    @Test func `digests stay what they are`() throws {
        let state = try load(subscription("headers: {X-B: b, X-A: ä}")).desiredState()
        #expect(
            state[ResourceID(.subscription, "erp")]?.digest.hex
                == "e7dabe013fe1fab0d5e2ad1a3816aac8380ccd1a46a777fb139fd5cdf2132172")
        #expect(
            state[ResourceID(.secretReference, "erp-signing")]?.digest.hex
                == "9a87aa192a65622c1e4dba29c4704377f7153c5fa46a13a46fa248d89fbe4caf")
    }

    @Test(arguments: [
        """
        # comment
        kind: Subscription
        spec: {signing: {secretRef: "erp-signing"}, events: ['ticket.created'],
          targetURL: https://erp.example.com/hooks}   # another
        metadata: {name: erp, labels: {}}
        apiVersion: sync.zentra.dev/v1
        """,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"erp"},"spec":{"targetURL":"https://erp.example.com/hooks","events":["ticket.created"],"signing":{"secretRef":"erp-signing"}}}"#,
        """
        apiVersion: sync.zentra.dev/v1
        kind: Subscription
        metadata:
          name: >-
            erp
        spec:
          events:
          - &e ticket.created
          targetURL: "https://erp.\\
            example.com/hooks"
          signing:
            secretRef: |-
              erp-signing
        """,
    ])
    func `layout, comments and the order of keys change nothing`(_ text: String) throws {
        #expect(try canonical("\(secret)---\n\(text)\n") == canonical(subscription()))
    }

    @Test func `the order of files, and of documents in them, changes nothing`() throws {
        let documents = (0..<20).map { secret.replacing("erp-signing", with: "s\($0)") }
        let one = try load(documents.joined(separator: "---\n")).desiredState()
        var loader = Loader()
        let files = documents.enumerated().reversed().map { index, text in
            ConfigurationFile(path: "\(index).yaml", contentID: "\(index)", bytes: Array(text.utf8))
        }
        let many = try loader.load(files).desiredState()
        #expect(one.resources.map(\.canonical) == many.resources.map(\.canonical))
        #expect(one.resources.map(\.id) == many.resources.map(\.id).sorted())
    }

    @Test func `sets are sorted, headers keep their order`() throws {
        let text = subscription("headers: {X-B: b, X-A: a}").replacing(
            "[ticket.created]", with: "[ticket.updated, \"change.*\"]")
        let spec = try JSONValue(parsing: canonical(text))["spec"]
        #expect(spec?["events"]?.text == #"["change.*","ticket.updated"]"#)
        #expect(spec?["headers"]?.text == #"{"X-B":"b","X-A":"a"}"#)
    }

    @Test func `the canonical form reads back as the same resource`() throws {
        for resource in try load(subscription("headers: {X-B: b}\n  suspend: true")).desiredState().resources
        {
            let again = try Resource(canonical: resource.canonical)
            #expect(again.id == resource.id)
            #expect(again.digest == resource.digest)
            #expect(again.spec == resource.spec)
            #expect(again.position == nil)
        }
    }

    @Test func `the canonical form is a valid document that has itself as its canonical form`() throws {
        let first = try load(subscription("headers: {X-B: b}\n  timeout: 90s")).desiredState()
        let second = try load(first.resources.map(\.canonical).joined(separator: "\n---\n")).desiredState()
        #expect(first.resources.map(\.canonical) == second.resources.map(\.canonical))
    }

    @Test(arguments: [
        "", "{}", "[]", "null",
        #"{"apiVersion":"v2","kind":"SecretReference","metadata":{"name":"a"},"spec":{"from":{"env":"A"}}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Nothing","metadata":{"name":"a"},"spec":{}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"SecretReference","metadata":{"name":"a"},"spec":{"from":{}}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"events":1}}"#,
    ])
    func `a damaged canonical form is an error`(_ text: String) {
        #expect(throws: SpecError.self) { try Resource(canonical: text) }
    }
}
