import Logging
import Resources
import Store
import TestSupport
import Testing

@testable import Reconciler

/// What holds for every configuration and every history, tried on random ones. A failure names its seed.
struct PropertyTests {
    /// Documents by name; the secret `key`, to which all refer, is always there.
    private struct Configuration {
        var documents: [String: String] = ["key": Sample.secret("key")]

        mutating func change(_ random: inout SeededRandom) {
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let name = "r\(Int.random(in: 0..<12, using: &random))"
                switch Int.random(in: 0..<4, using: &random) {
                case 0: documents[name] = nil
                case 1: documents[name] = Sample.token(name)
                case 2: documents[name] = Sample.secret(name)
                default:
                    documents[name] = Sample.subscription(
                        name, url: "https://erp.example.com/v\(Int.random(in: 0..<3, using: &random))",
                        more: Bool.random(using: &random)
                            ? "maxInFlight: \(Int.random(in: 1...9, using: &random))" : "")
                }
            }
        }

        /// The documents in files of random names and order, several to a file.
        func files(_ random: inout SeededRandom) -> [String: String] {
            var files: [String: String] = [:]
            for document in documents.values.shuffled(using: &random) {
                let file = "f\(Int.random(in: 0..<5, using: &random)).yaml"
                files[file, default: ""] += "---\n\(document)\n"
            }
            return files
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `whatever is applied plans to nothing, however its files lie, and can be gone back to`(
        _ seed: UInt64
    ) async throws {
        var random = SeededRandom(seed: seed)
        try await TestState.with { state async throws in
            let clock = ManualClock()
            let applier = Applier(
                store: state.store, holder: .sample(), clock: clock, isAlive: { _ in true }, warn: { _ in })
            let allowed = SafetyOptions(allowsMassDelete: true)
            var configuration = Configuration()
            var contents: [Int64: Set<String>] = [:]
            for round in 0..<15 {
                configuration.change(&random)
                let files = configuration.files(&random)
                let desired = try Sample.desired(files)
                let live = try await LiveState.read(from: state.store, now: clock.now())
                let plan = Planner.plan(desired, live: live, revision: .sample)
                let outcome = try await applier.apply(
                    plan, context: .init(source: "s", appliedBy: "me"), options: allowed)
                let after = try await LiveState.read(from: state.store, now: clock.now())
                let forms = Set(after.configuration.resources.map(\.canonical))
                #expect(forms == Set(desired.resources.map(\.canonical)), "seed \(seed), round \(round)")
                contents[after.configuration.serial] = forms

                // Idempotent: again does nothing; nor does another order of the same documents.
                let again = try await applier.apply(
                    Planner.plan(desired, live: after, revision: .sample),
                    context: .init(source: "s", appliedBy: "me"), options: allowed)
                #expect(again == .upToDate(serial: after.configuration.serial), "seed \(seed)")
                if plan.isEmpty { #expect(outcome == again) }
                let shuffled = try Sample.desired(configuration.files(&random))
                let other = Planner.plan(shuffled, live: live, revision: .sample)
                #expect(other.digest == plan.digest, "seed \(seed), round \(round)")
                #expect(other.changes.map(\.id) == plan.changes.map(\.id))
                // A saved plan is the same plan.
                let saved = SavedPlan(plan, source: "s")
                #expect(try SavedPlan(reading: Array(saved.text.utf8)) == saved, "seed \(seed)")
            }
            for (serial, forms) in contents where serial > 0 {
                guard case .resources(let rows) = try await state.store.content(of: serial) else {
                    Issue.record("seed \(seed): revision \(serial) is lost")
                    continue
                }
                #expect(Set(rows.map(\.canonical)) == forms, "seed \(seed), revision \(serial)")
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `a loop that knows what it has applied plans and applies what one that knows nothing would`(
        _ seed: UInt64
    ) async throws {
        var random = SeededRandom(seed: seed)
        try await TestState.with { state async throws in
            var configuration = Configuration()
            let source = TestSource(configuration.files(&random))
            let sync = Synchronizer(
                .init(rules: "1", safety: SafetyOptions(allowsMassDelete: true), appliedBy: "run"),
                source: source.source, store: state.store, holder: .sample(), clock: ManualClock(),
                isAlive: { _ in true }, logger: Logger(label: "test") { _ in Silent() })
            _ = await sync.runOnce()
            var applied = 0
            for round in 0..<25 {
                configuration.change(&random)
                let files = configuration.files(&random)
                if Int.random(in: 0..<4, using: &random) == 0 {
                    // A commit that says too little, or nothing that can be read, in between.
                    let broken =
                        Bool.random(using: &random) ? "broken: [" : Sample.token("lost") + ", more: 1"
                    source.push(files.merging(["broken.yaml": broken]) { $1 })
                    #expect(await sync.runOnce().isFailure, "seed \(seed), round \(round)")
                }
                source.push(files)
                let before = try await LiveState.read(from: state.store, now: .t0)
                let desired = try Sample.desired(files)
                let comment: Testing.Comment = "seed \(seed), round \(round)"
                switch await sync.runOnce() {
                case .applied(let plan, _):
                    let expected = Planner.plan(desired, live: before, revision: plan.revision)
                    #expect(plan.changes == expected.changes, comment)
                    #expect(plan.unchanged == expected.unchanged, comment)
                    #expect(plan.digest == expected.digest, comment)
                    applied += 1
                case .upToDate: break
                case .held, .failed: Issue.record(comment)
                }
                let after = try await LiveState.read(from: state.store, now: .t0)
                let digest = LiveDigest.of(
                    after.configuration.resources.map { ($0.kind, $0.name, $0.digest) })
                #expect(
                    Set(after.configuration.resources.map(\.canonical))
                        == Set(desired.resources.map(\.canonical)), comment)
                #expect(try await state.store.syncBasis().liveDigest == digest, comment)
            }
            #expect(applied > 5, "seed \(seed)")
        }
    }
}
