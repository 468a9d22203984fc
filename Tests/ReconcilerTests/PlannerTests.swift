import JSON
import Resources
import Store
import Testing

@testable import Reconciler

struct PlannerTests {
    private let base = [
        "key.yaml": Sample.secret("key"), "erp.yaml": Sample.subscription("erp"),
        "app.yaml": Sample.token("app"),
    ]

    @Test func `the plan of an applied state is empty`() throws {
        let plan = try Plan.sample(from: base, to: base, pending: ["erp": 3])
        #expect(plan.isEmpty)
        #expect(plan.unchanged == 3)
    }

    @Test func `everything is created on an empty state, what is referred to first`() throws {
        let plan = Planner.plan(try Sample.desired(base), live: .missing, revision: .sample)
        #expect(plan.changes.map(\.id) == ["SecretReference/key", "ApiToken/app", "Subscription/erp"])
        #expect(plan.changes.allSatisfy { $0.action == .create && $0.replaced == nil })
        #expect(plan.changes.last?.desired?.file == "erp.yaml")
    }

    @Test func `deletions come last, what refers before what is referred to`() throws {
        let live = base.merging([
            "other.yaml": Sample.secret("other"), "old.yaml": Sample.subscription("old"),
        ]) { $1 }
        let desired = [
            "key.yaml": Sample.secret("key"), "new.yaml": Sample.secret("new"),
            "erp.yaml": Sample.subscription("erp", url: "https://erp.example.com/v2"),
        ]
        let plan = try Plan.sample(from: live, to: desired)
        #expect(
            plan.changes.map { "\($0.action.mark) \($0.id)" } == [
                "+ SecretReference/new", "~ Subscription/erp", "- Subscription/old", "- ApiToken/app",
                "- SecretReference/other",
            ])
        #expect(plan.unchanged == 1)
    }

    @Test func `a workflow that may set itself off says so, where it changes`() throws {
        let loop = Sample.workflow("loop", on: "ticket.created", creates: "ticket")
        let other = Sample.workflow("other", on: "change.created", creates: "problem")
        let plan = try Plan.sample(from: ["other.yaml": other], to: ["loop.yaml": loop, "other.yaml": other])
        #expect(
            plan.changes.map(\.notes) == [["`loop` may set itself off: `loop` → ticket.created → `loop`"]])
        #expect(try Plan.sample(from: [:], to: ["other.yaml": other]).changes.map(\.notes) == [[]])
        #expect(try Plan.sample(from: ["loop.yaml": loop], to: ["loop.yaml": loop]).isEmpty)
    }

    @Test func `the order of files does not matter`() throws {
        let whole = [
            "all.yaml": [base["erp.yaml"], base["app.yaml"], base["key.yaml"]].compactMap(\.self).joined(
                separator: "\n---\n")
        ]
        #expect(try Plan.sample(from: base, to: whole).isEmpty)
        #expect(
            try Plan.sample(from: [:], to: whole).resultDigest
                == Plan.sample(from: [:], to: base).resultDigest)
    }

    @Test func `another spelling of the same thing is no change`() throws {
        let other = Sample.subscription("erp", events: "[\"ticket.created\"]", more: "timeout: 90s")
        let same = Sample.subscription("erp", events: "\n    - ticket.created", more: "timeout: 1m30s")
        #expect(
            try Plan.sample(
                from: ["k.yaml": Sample.secret("key"), "a.yaml": other],
                to: ["k.yaml": Sample.secret("key"), "b.yaml": same]
            ).isEmpty)
    }

    @Test func `a live form that was changed by hand is healed`() throws {
        var live = try LiveState.applied(base)
        let index = try #require(live.configuration.resources.firstIndex { $0.kind == "Subscription" })
        var resources = live.configuration.resources
        resources[index].canonical = resources[index].canonical.replacing("com/v1\"", with: "com/evil\"")
        live.configuration = LiveConfiguration(serial: 41, resources: resources)
        let plan = Planner.plan(try Sample.desired(base), live: live, revision: .sample)
        #expect(plan.changes.map(\.id) == ["Subscription/erp"])
        #expect(plan.changes[0].notes == ["the live form was changed by hand since it was applied"])
        #expect(plan.changes[0].fields.map(\.path) == ["spec.targetURL"])
    }

    @Test func `a live form that is damaged is replaced`() throws {
        var live = try LiveState.applied(base)
        var resources = live.configuration.resources
        resources[0].canonical = "{"
        live.configuration = LiveConfiguration(serial: 41, resources: resources)
        let plan = Planner.plan(try Sample.desired(base), live: live, revision: .sample)
        #expect(plan.changes.map(\.action) == [.update])
        #expect(plan.changes[0].notes.last?.hasPrefix("the live form cannot be read") == true)
    }

    @Test func `a live kind of another release is deleted first`() throws {
        var live = try LiveState.applied(base)
        let alien = LiveResource(
            kind: "Quantum", name: "q", canonical: "{}", digest: "d", isProtected: false, file: "", line: 0,
            commit: "")
        live.configuration = LiveConfiguration(serial: 41, resources: live.configuration.resources + [alien])
        let desired = ["key.yaml": Sample.secret("key")]
        let plan = Planner.plan(try Sample.desired(desired), live: live, revision: .sample)
        #expect(plan.changes.map(\.id) == ["Quantum/q", "Subscription/erp", "ApiToken/app"])
    }

    @Test func `notes change neither the digest nor what is done`() throws {
        let desired = base.merging(["erp.yaml": Sample.subscription("erp", url: "https://new.example.com")]) {
            $1
        }
        let quiet = try Plan.sample(from: base, to: desired)
        let busy = try Plan.sample(from: base, to: desired, pending: ["erp": 12])
        #expect(busy.changes[0].notes == ["12 pending deliveries will go to the new URL"])
        #expect(quiet.changes[0].notes.isEmpty)
        #expect(quiet.digest == busy.digest)
    }

    @Test(arguments: [
        ("https://new.example.com", "", 1, "1 pending delivery will go to the new URL"),
        (
            "https://erp.example.com/v1", "suspend: true", 2,
            "2 pending deliveries will wait until it is no longer suspended"
        ),
    ])
    func `an update says what happens to pending deliveries`(
        _ url: String, _ more: String, _ pending: Int, _ note: String
    ) throws {
        let desired = base.merging(["erp.yaml": Sample.subscription("erp", url: url, more: more)]) { $1 }
        #expect(
            try Plan.sample(from: base, to: desired, pending: ["erp": pending]).changes[0].notes == [note])
    }

    @Test func `a deletion says what happens to pending deliveries`() throws {
        let desired = base.filter { $0.key != "erp.yaml" }
        let plan = try Plan.sample(from: base, to: desired, pending: ["erp": 7, "app": 9])
        #expect(plan.changes.map(\.notes) == [["7 pending deliveries will be cancelled"]])
    }

    @Test(arguments: [
        ("rollout: keep", 1, "1 run in flight keeps the revision that it started with"),
        ("rollout: keep", 3, "3 runs in flight keep the revision that they started with"),
        ("rollout: cancel", 3, "3 runs in flight will be cancelled"),
        (nil, 2, "2 runs in flight will finish"),
    ])
    func `a changed or deleted workflow says what happens to its runs`(
        _ change: String?, _ runs: Int, _ note: String
    ) throws {
        func workflow(_ more: String) -> String {
            Sample.document(
                "Workflow", "page",
                "triggers: [{event: ticket.created}]\n  steps: [{id: a, set: {b: 1}}]\n  \(more)")
        }
        let before = base.merging(["page.yaml": workflow("timeout: 1h")]) { $1 }
        let desired = change.map { base.merging(["page.yaml": workflow($0)]) { $1 } } ?? base
        var live = try LiveState.applied(before)
        live.facts.unfinishedRuns = ["page": runs, "other": 9]
        let plan = Planner.plan(try Sample.desired(desired), live: live, revision: .sample)
        #expect(plan.changes.map(\.notes) == [[note]])
    }

    @Test func `a deleted endpoint says that runs will wait in vain`() throws {
        let endpoint = Sample.document(
            "InboundEndpoint", "intake",
            "type: generic\n  verify: {sharedSecret: {header: X-Secret, secretRef: key}}\n"
                + "  correlation: {key: event.data.id}")
        var live = try LiveState.applied(base.merging(["intake.yaml": endpoint]) { $1 })
        live.facts.waitingRuns = ["intake": 2]
        let plan = Planner.plan(try Sample.desired(base), live: live, revision: .sample)
        #expect(plan.changes.map(\.notes) == [["2 waiting runs will never be resumed by it"]])
    }

    @Test func `the digest tells commits, serials and contents apart`() throws {
        let desired = try Sample.desired(base)
        let plans = [
            Planner.plan(desired, live: .missing, revision: .sample),
            Planner.plan(
                desired, live: .missing, revision: SourceRevision(commit: "b", subject: "", reference: "main")
            ),
            Planner.plan(desired, live: .applied(try Sample.desired([:]), serial: 1), revision: .sample),
            try .sample(from: [:], to: base.filter { $0.key != "app.yaml" }),
        ]
        #expect(Set(plans.map(\.digest)).count == 4)
        #expect(Planner.plan(desired, live: .missing, revision: .sample).digest == plans[0].digest)
    }

    @Test func `a test of a workflow is never applied`() throws {
        #expect(try Sample.desired([:]).resources.isEmpty)
        #expect(ResourceKind.allCases.last == .workflowTest)
    }

    @Test func `every field that differs has the file and the line of its new value`() throws {
        let live = """
            # The key is in another document of this file.
            ---
            \(Sample.secret("key"))
            --- # erp
            apiVersion: sync.zentra.dev/v1
            kind: Subscription
            metadata:
              name: erp
              labels: {"example.com/team": ops, tier: "1"}
            spec:
              targetURL: https://erp.example.com/v1
              events:
                - ticket.created
              filter: >-
                event.data.priority
                == 'high'
              signing: {secretRef: key}
              headers:
                X-One: "1"
                X-Two: "2"
            ---
            apiVersion: sync.zentra.dev/v1
            kind: Workflow
            metadata: {name: page}
            spec:
              triggers: [{event: ticket.created}]
              steps:
                - id: first
                  create: {record: ticket, set: {subject: A}}
                - id: second
                  create:
                    record: ticket
                    set: {subject: B}
            """
        let desired =
            live
            .replacing("/v1\n  events", with: "/v2\n  events").replacing("team\": ops", with: "team\": it")
            .replacing("- ticket.created", with: "- ticket.resolved").replacing("== 'high'", with: "== 'low'")
            .replacing("    X-Two: \"2\"\n", with: "").replacing("subject: B", with: "subject: C")
        let plan = try Plan.sample(from: ["a.yaml": live], to: ["a.yaml": desired])
        var places: [String: Int] = [:]
        for change in plan.changes {
            for field in change.fields {
                #expect(field.place?.file == "a.yaml" && field.origin == nil)
                places["\(change.name) \(field.path)"] = field.place?.line
            }
        }
        func line(_ text: String) throws -> Int {
            let lines = desired.split(separator: "\n", omittingEmptySubsequences: false)
            return try #require(lines.firstIndex { $0.contains(text) }) + 1
        }
        #expect(
            places == [
                "erp metadata.labels[\"example.com/team\"]": try line("labels:"),
                "erp spec.targetURL": try line("targetURL:"), "erp spec.events": try line("events:"),
                "erp spec.filter": try line("filter:"), "erp spec.headers.X-Two": try line("headers:"),
                "page spec.steps[second].create.set.subject": try line("subject: C"),
            ])
        let report = PlanReport(plan: plan, refusals: [])
        let place = "a.yaml:\(try line("targetURL:"))"
        #expect(PlanText(report).text.contains("\"https://erp.example.com/v2\"   \(place)\n"))
        #expect(PlanMarkdown(report).text.contains("`\"https://erp.example.com/v2\"` (\(place))\n"))
        let saved = SavedPlan(plan, source: "test")
        #expect(try SavedPlan(reading: Array(saved.text.utf8)).plan == plan)
    }

    @Test func `a field that an environment takes away names the overlay, its own ones the base`() throws {
        func state(_ overlay: String) throws -> DesiredState {
            var loader = Loader(environment: "prod")
            let files = [
                "base/key.yaml": Sample.secret("key"),
                "base/erp.yaml": Sample.subscription("erp", more: "filter: event.type != ''"),
                "env/prod/erp.yaml": "kind: Subscription\nmetadata: {name: erp}\nspec:\n\(overlay)\n",
            ]
            return try loader.load(
                files.map { ConfigurationFile(path: $0, contentID: $1, bytes: Array($1.utf8)) }
            ).desiredState()
        }
        let live = LiveState.applied(try state("  timeout: 20s"))
        let plan = Planner.plan(try state("  filter: null"), live: live, revision: .sample)
        let fields = try #require(plan.changes.first).fields
        #expect(fields.map(\.path) == ["spec.filter", "spec.timeout"])
        #expect(fields.map(\.origin) == ["env/prod/erp.yaml:4", nil])
        #expect(fields.map(\.place?.file) == ["env/prod/erp.yaml", "base/erp.yaml"])
        let created = Planner.plan(try state("  filter: null"), live: .missing, revision: .sample)
        #expect(created.changes.last?.notes == ["spec.filter is removed by env/prod/erp.yaml:4"])
    }

    @Test func `a plan names the file of an environment that a value came from`() throws {
        func state(_ values: String) throws -> DesiredState {
            var loader = Loader(environment: "prod")
            let files = [
                "base/key.yaml": Sample.secret("key"),
                "base/erp.yaml": Sample.subscription("erp", url: "https://${values.host}/hooks"),
                "env/prod/values.yaml": "host: \(values)",
                "env/prod/erp.yaml": "kind: Subscription\nmetadata: {name: erp}\nspec: {timeout: 20s}\n",
            ]
            return try loader.load(
                files.map { ConfigurationFile(path: $0, contentID: $1, bytes: Array($1.utf8)) }
            ).desiredState()
        }
        let first = try state("a.example.com")
        let created = Planner.plan(first, live: .missing, revision: .sample)
        #expect(
            created.changes.last?.notes == [
                "spec.targetURL comes from env/prod/values.yaml:1 (values.host)",
                "spec.timeout comes from env/prod/erp.yaml:3",
            ])
        let plan = Planner.plan(
            try state("b.example.com"), live: .applied(first), revision: .sample)
        #expect(plan.changes.map(\.id) == ["Subscription/erp"])
        #expect(plan.changes.first?.fields.map(\.origin) == ["env/prod/values.yaml:1 (values.host)"])
        let text = PlanText(PlanReport(plan: plan, refusals: [])).text
        #expect(text.contains("\"https://b.example.com/hooks\"   env/prod/values.yaml:1 (values.host)"))
        let saved = SavedPlan(plan, source: "test")
        #expect(try SavedPlan(reading: Array(saved.text.utf8)).plan == plan)
    }
}
