import HTTPTypes
import JSON
import Resources
import Store
import Testing

@testable import Runtime

@Suite struct DashboardTests {
    private let secrets = ["api-token": token, "signing": "s3cret"]

    private func page(_ runtime: RuntimeHarness, _ path: String = "/") async throws -> TestAnswer {
        try await runtime.sendAdmin("GET", path)
    }

    @Test func `an empty state has a whole page`() async throws {
        try await RuntimeHarness.run(nil) { (runtime) async throws in
            let answer = try await page(runtime)
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "text/html; charset=utf-8")
            for text in [
                "<!doctype html>", "not synced yet", "No subscription is live.", "Nothing has failed.",
                "Nothing has been applied yet.", "http-equiv=\"refresh\"", "</html>",
            ] {
                #expect(answer.text.contains(text), "\(text)")
            }
            #expect(!answer.text.contains("{{"))
            #expect(!answer.text.contains("class=\"note"), "nothing is wrong")
        }
    }

    @Test func `a page allows its own style sheet and nothing else`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            for path in ["/", "/deliveries/none"] {
                let answer = try await page(runtime, path)
                let policy = answer.header("Content-Security-Policy") ?? ""
                #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Cache-Control") == "no-store")
                for forbidden in ["<script", "style=", "onclick", "http://", "https://", "src="] {
                    #expect(!answer.text.contains(forbidden), "\(path) has \(forbidden)")
                }
            }
            #expect(try await page(runtime, "/deliveries/none").status == 404)
            #expect(try await page(runtime, "/subscriptions/none").status == 404)
        }
    }

    @Test func `what failed is found from the overview down to the attempt`() async throws {
        try await StubReceiver.run(answer: { _ in .notFound }) { receiver in
            let configuration = adminToken + subscription("erp", to: receiver.url)
            try await RuntimeHarness.run(configuration, secrets: secrets) { runtime in
                let body = #"{"event":"ticket.created","data":{"id":"tkt_1","subject":"a & <b>"}}"#
                _ = try await runtime.send("POST", "/api/v1/events", token: token, json: body)
                let id = try #require(try await receiver.requests.next().header("X-Zentra-Delivery-Id"))
                while try await runtime.store.deliveries(
                    DeliveryFilter(status: .failed), before: nil, limit: 1
                ).items.isEmpty {
                    await Task.yield()
                }
                let overview = try await page(runtime).text
                #expect(overview.contains("<a href=\"/subscriptions/erp\">erp</a>"))
                #expect(overview.contains("<a href=\"/deliveries/\(id)\">"))
                #expect(overview.contains("<span class=\"dot bad\" title=\"ticket.created failed\">"))
                #expect(overview.contains("<span class=\"pill bad\">failed</span> 404"))
                #expect(try await page(runtime, "/subscriptions/erp").text.contains("/deliveries/\(id)"))
                let delivery = try await page(runtime, "/deliveries/\(id)").text
                #expect(delivery.contains("HTTP 404"))
                #expect(delivery.contains("a &amp; &lt;b&gt;"))
                #expect(delivery.contains(" ms"))
            }
        }
    }

    @Test func `held commits, suspensions and missing secrets are said`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": ""]) { (runtime) async throws in
            let now = UnixTime.now()
            try await runtime.store.recordNotApplied(
                .held, commit: "0123456789", reason: "mass-delete", message: "12 of 20 would be <deleted>",
                now: now)
            let text = try await page(runtime).text
            #expect(text.contains("<span class=\"pill warn\">held</span>"))
            #expect(text.contains("Commit 0123456: 12 of 20 would be &lt;deleted&gt; (mass-delete)"))
            #expect(text.contains("The secret api-token does not resolve"))
        }
    }

    @Test(arguments: [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onmouseover=\"x", "&quot; onmouseover=&quot;x"), ("it's & more", "it&#39;s &amp; more"),
        ("\u{301}", "\u{301}"), ("<\u{301}img>", "&lt;\u{301}img&gt;"), ("\"\u{301}", "&quot;\u{301}"),
        ("a\u{202E}b\u{0}\u{1B}[2J", "a\\u{202e}b\\u{0}\\u{1b}[2J"), ("line\nline\tend", "line\nline\tend"),
    ])
    func `text of strangers stays text`(_ text: String, _ expected: String) {
        #expect(SafeHTML().escapeText(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
        let template = DashboardTemplate("<p title=\"{{message}}\">{{message}}</p>")
        let page = MessagePage(title: "t", version: "v", now: "n", message: text)
        let html = String(decoding: template.response(page).body, as: UTF8.self)
        #expect(html.utf8.firstRange(of: "<p title=\"\(expected)\">\(expected)</p>".utf8) != nil)
    }
}

@Suite(.timeLimit(.minutes(5))) struct DashboardRunTests {
    @Test func `workflows have their counts, and what a person may have to look at is listed`() async throws {
        let yaml =
            adminToken + """
                ---
                kind: Workflow
                metadata: {name: nap}
                spec:
                  triggers: [{event: ticket.created}]
                  steps:
                    - {id: pause, sleep: {for: 1h}}
                ---
                kind: Workflow
                metadata: {name: broken}
                spec:
                  triggers: [{event: ticket.created}]
                  steps:
                    - {id: stop, fail: {message: "no <b>"}}

                """
        try await RuntimeHarness.run(yaml, secrets: ["api-token": token]) { (runtime) async throws in
            let body = #"{"event":"ticket.created","data":{"id":"tkt_1","subject":"a"}}"#
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: body)
            let failed = try await runtime.run(of: "broken") { $0["status"]?.string == "failed" }
            try await runtime.run(of: "nap") { $0["status"]?.string == "waiting" }
            let text = try await runtime.sendAdmin("GET", "/").text
            #expect(!text.contains("{{"))
            #expect(text.contains("<tr><td>nap</td>"))
            #expect(text.contains("data-name=\"Waiting\">1<"))
            #expect(text.contains("data-name=\"Failed\">1<"))
            #expect(text.contains("<code>\(failed["id"]?.string ?? "")</code>"))
            #expect(text.contains("stop: no &lt;b&gt;"))
            #expect(text.contains("ticket.created<br><span class=\"soft\">tkt_1</span>"))
            #expect(!text.contains("cannot be moved on"))
        }
    }
}
