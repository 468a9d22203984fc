import JSON
import Resources
import Store
import Testing

@testable import Reconciler

struct RenderingTests {
    /// The example of the documentation, as far as the kinds exist.
    private static func report() throws -> PlanReport {
        let live = [
            "key.yaml": Sample.secret("key"), "old.yaml": Sample.subscription("old-intake"),
            "subscriptions/erp.yaml": Sample.subscription(
                "erp-tickets", events: "[ticket.created, ticket.updated]"),
        ]
        let desired = [
            "key.yaml": Sample.secret("key"), "secrets.yaml": Sample.secret("pagerduty"),
            "tokens.yaml": Sample.token("app"),
            "subscriptions/erp.yaml": Sample.subscription(
                "erp-tickets", url: "https://erp.example.com/v2",
                events: "[ticket.created, change.completed]",
                metadata: "labels: {team: it-ops}"),
        ]
        return PlanReport(
            plan: try .sample(from: live, to: desired, pending: ["erp-tickets": 12, "old-intake": 1]),
            refusals: [])
    }

    private static let refusals = [
        Refusal(
            .massDelete, "4 of 10 live resources would be deleted, which is more than 30 %", hint: "allow it")
    ]

    @Test func `the form for people`() throws {
        try expectGolden(PlanText(try Self.report()).text, "plan.txt")
    }

    @Test func `colours are added around the same text`() throws {
        let plain = PlanText(try Self.report()).text
        let coloured = PlanText(try Self.report(), palette: PlanPalette(isColoured: true)).text
        #expect(coloured != plain)
        #expect(coloured.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
    }

    @Test func `the form for programs`() throws {
        try expectGolden(try Self.report().json.prettyText + "\n", "plan.json")
    }

    @Test func `the form for pull requests`() throws {
        try expectGolden(PlanMarkdown(try Self.report()).text, "plan.md")
    }

    /// A plan of an environment with everything that can be told of a change.
    private static func fullReport() throws -> PlanReport {
        func state(_ host: String, _ more: [String: String]) throws -> DesiredState {
            var loader = Loader(environment: "prod")
            let files = [
                "base/key.yaml": Sample.secret("key"),
                "base/erp.yaml": Sample.subscription(
                    "erp", url: "https://${values.host}/hooks", events: "[ticket.created]"),
                "base/chat.yaml": Sample.subscription("chat"),
                "env/prod/values.yaml": "host: \(host)\n",
            ].merging(more) { $1 }
            return try loader.load(
                files.map { ConfigurationFile(path: $0, contentID: $1, bytes: Array($1.utf8)) }
            ).desiredState()
        }
        var live = LiveState.applied(
            try state("old.example.com", ["base/gone.yaml": Sample.token("gone")]), pending: ["erp": 1])
        live.suspensions = [
            Suspension(
                .resource("Subscription/chat"), reason: "release freeze", createdBy: "mia", since: .t0,
                until: .t0 + .seconds(7200))
        ]
        let desired = try state(
            "new.example.com",
            [
                "env/prod/overlays.yaml": """
                kind: Subscription
                metadata: {name: erp}
                spec: {filter: "event.data.priority == 'high'"}
                ---
                kind: Subscription
                metadata: {name: chat}
                spec: {maxInFlight: 2}
                """
            ])
        let plan = Planner.plan(
            desired, live: live, revision: .sample, withholding: Withholding(live.suspensions),
            isApplied: true)
        let event = Event(
            sequence: CommitSequence(1), id: EventID("evt_1"), type: "ticket.created",
            ts: "2026-05-05T11:45:07Z", data: Array("{\"priority\":\"low\"}".utf8), changed: nil,
            previous: nil, source: "test", acceptedAt: .t0)
        let noted = Backtest.noting(
            plan, live: live.configuration.resources, events: [try PastEvent(event)])
        return PlanReport(
            plan: noted,
            refusals: Safety.refusals(
                noted, live: live.configuration.resources, history: .rewritten, options: SafetyOptions(),
                suspensions: live.suspensions))
    }

    @Test func `everything that can be told, in all forms`() throws {
        let report = try Self.fullReport()
        try expectGolden(PlanText(report).text, "plan-full.txt")
        try expectGolden(PlanMarkdown(report).text, "plan-full.md")
        try expectGolden(report.json.prettyText + "\n", "plan-full.json")
    }

    @Test func `an empty plan and a refused one`() throws {
        let files = ["key.yaml": Sample.secret("key")]
        let empty = PlanReport(plan: try .sample(from: files, to: files), refusals: [])
        try expectGolden(PlanText(empty).text, "empty.txt")
        try expectGolden(PlanMarkdown(empty).text, "empty.md")
        let refused = PlanReport(plan: try Self.report().plan, refusals: Self.refusals)
        try expectGolden(PlanText(refused).text, "refused.txt")
        try expectGolden(PlanMarkdown(refused).text, "refused.md")
        #expect(refused.json["refusals"]?.array?.first?["code"]?.string == "mass-delete")
    }

    @Test(arguments: [1, 100, 10_000])
    func `the form for pull requests stays under the limit of the hosts`(_ count: Int) throws {
        let wide = Sample.desiredLine(String(repeating: "ä`|", count: 300))
        let changes = (0..<count).map { index in
            PlannedChange(
                .update, kind: "Subscription", name: "subscription-\(index)",
                desired: .init(
                    canonical: "{}", digest: "d", isProtected: false, file: "a/\(index).yaml", line: 1),
                replaced: "e", fields: [FieldChange("spec.filter", before: wide, after: wide)],
                notes: ["12 pending deliveries will go to the new URL"])
        }
        var revision = SourceRevision.sample
        revision.subject = String(repeating: "long ", count: 100_000)
        let plan = Plan(
            revision: revision, live: LiveRevision(commit: "91b0d2e", serial: 4), changes: changes,
            unchanged: 0,
            resultDigest: "")
        let refusals = (0..<count).map {
            Refusal(.protected, "Subscription/subscription-\($0) is protected", hint: "h")
        }
        let text = PlanMarkdown(PlanReport(plan: plan, refusals: refusals)).text
        #expect(text.utf8.count < 65_000)
        #expect(text.contains("\(count) to update"))
        #expect(text.contains("<details>") && text.contains("</details>"))
        #expect((count < 1000) || text.contains("more"))
    }

    @Test func `text of the repository cannot control a terminal or become markup`() throws {
        let revision = SourceRevision(
            commit: "4f2c9e1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            subject: "\u{1B}[2J <img src=x> @everyone [a](b) \u{202E}evil", reference: "main")
        let plan = Planner.plan(try Sample.desired([:]), live: .missing, revision: revision)
        let report = PlanReport(plan: plan, refusals: [])
        #expect(!PlanText(report).text.unicodeScalars.contains("\u{1B}"))
        #expect(!PlanText(report).text.unicodeScalars.contains("\u{202E}"))
        let markdown = PlanMarkdown(report).text
        #expect(markdown.contains("\\<img src=x\\> \\@everyone \\[a\\]"))
    }

    @Test func `a canary in place of a secret's name is the only thing that is shown of it`() throws {
        let live = [
            "k.yaml": Sample.secret("key"), "c.yaml": Sample.secret("canary"),
            "s.yaml": Sample.subscription("s"),
        ]
        var desired = live
        desired["s.yaml"] = Sample.subscription("s").replacing("secretRef: key", with: "secretRef: canary")
        let report = PlanReport(plan: try .sample(from: live, to: desired), refusals: [])
        for text in [PlanText(report).text, report.json.text, PlanMarkdown(report).text] {
            #expect(text.contains("secret:canary"))
            #expect(!text.replacing("secret:canary", with: "").contains("canary"))
        }
    }

    @Test func `the status for people and for programs`() async throws {
        let files = [
            "key.yaml": Sample.secret("key"), "erp.yaml": Sample.subscription("erp"),
            "app.yaml": Sample.token("app"),
            "spare.yaml": Sample.secret("spare"),
        ]
        try await TestState.with { state async throws in
            let plan = Planner.plan(try Sample.desired(files), live: .missing, revision: .sample)
            let applier = Applier(
                store: state.store, holder: .sample(), clock: ManualClock(), isAlive: { _ in true },
                warn: { _ in })
            _ = try await applier.apply(
                plan, context: .init(source: "file:///config main .", appliedBy: "run"),
                options: SafetyOptions())
            try await state.store.replaceSecretStatuses([
                SecretStatus(name: "key", fingerprint: nil, problem: "KEY is not set", changedAt: .t0)
            ])
            try await state.store.recordNotApplied(
                .failed, commit: "0badc0de", reason: "invalid",
                message:
                    "the configuration has an error: erp.yaml:9:13: `ticket.closed` is not in the event catalogue",
                now: .t0 + .seconds(100))
            _ = try await state.store.takeLease(
                .sample(process: 7), now: .t0 + .seconds(7480), isAlive: { _ in true })
            let status = try await SyncStatus.read(from: state.store, now: .t0 + .seconds(7500))
            try expectGolden(StatusText(status).text, "status.txt")
            try expectGolden(status.json.prettyText + "\n", "status.json")
        }
    }

    @Test func `the status of a new state`() async throws {
        try await TestState.with { state async throws in
            let status = try await SyncStatus.read(from: state.store, now: .t0)
            try expectGolden(StatusText(status).text, "status-new.txt")
        }
    }
}

extension Sample {
    fileprivate static func desiredLine(_ text: String) -> JSONValue { .string(text) }
}
