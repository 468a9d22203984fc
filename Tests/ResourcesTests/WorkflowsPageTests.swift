import Resources
import Testing

/// The resources that `docs/workflows.md` shows.
struct WorkflowsPageTests {
    /// What they refer to.
    private static let surroundings = """
        apiVersion: sync.zentra.dev/v1
        kind: InboundEndpoint
        metadata: {name: build}
        spec:
          verify: {sharedSecret: {header: X-Secret, secretRef: shop-url}}
          correlation: {key: event.data.job_id}

        """

    @Test func `every resource of the page is valid, without a warning`() throws {
        let page = try Fixtures.documentation("workflows.md")
        let blocks = page.split(separator: "\n```yaml\n").dropFirst().map {
            String($0.split(separator: "\n```").first ?? "") + "\n"
        }
        #expect(blocks.count == 4)
        let secrets = ["chat-token", "shop-url"].map { secret.replacing("erp-signing", with: $0) }
        let text = (blocks + secrets + [Self.surroundings]).joined(separator: "---\n")
        let loaded = load(text)
        #expect(DiagnosticRenderer().text(loaded.diagnostics, as: .human) == "")
        #expect(try loaded.desiredState().tests.count == 1)
    }
}
