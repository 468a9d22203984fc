import GRDB
import Testing

@testable import Store

struct RevisionTests {
    private func form(_ name: String, _ canonical: String) -> LiveResource {
        .sample(name, canonical: canonical)
    }

    private func names(_ content: RevisionContent) -> [String]? {
        guard case .resources(let resources) = content else { return nil }
        return resources.map { "\($0.name) \($0.canonical)" }
    }

    @Test func `every revision can be made again from the live one`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [form("a", "{1}"), form("b", "{1}")])
            try await store.apply(upserts: [form("a", "{2}"), form("c", "{1}")])
            try await store.apply(deletions: [.init(kind: "Subscription", name: "b")])
            try await store.apply(
                upserts: [form("b", "{3}")], deletions: [.init(kind: "Subscription", name: "a")])
            #expect(names(try await store.content(of: 1)) == ["a {1}", "b {1}"])
            #expect(names(try await store.content(of: 2)) == ["a {2}", "b {1}", "c {1}"])
            #expect(names(try await store.content(of: 3)) == ["a {2}", "c {1}"])
            #expect(names(try await store.content(of: 4)) == ["b {3}", "c {1}"])
            #expect(try await store.content(of: 5) == .unknown)
            let first = try #require(try await store.revision(1))
            #expect(first.result == .applied)
            #expect(first.source == "file:///repo main .")
        }
    }

    @Test func `what was changed by hand is no part of a revision`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [form("a", "{1}"), form("b", "{1}")])
            try await store.write { try $0.execute(sql: "UPDATE resource SET canonical = '{evil}'") }
            try await store.apply(upserts: [form("b", "{2}")])
            #expect(names(try await store.content(of: 2)) == ["a {1}", "b {2}"])
            #expect(names(try await store.content(of: 1)) == ["a {1}", "b {1}"])
        }
    }

    @Test func `old revisions go with the forms that only they needed`() async throws {
        try await TemporaryState().open { store in
            for number in 1...Revision.kept + 5 {
                try await store.apply(
                    upserts: [form("a", "{\(number)}")] + (number == 1 ? [form("still", "{1}")] : [])
                        + (number == 6 ? [form("six", "{1}")] : []))
            }
            let revisions = try await store.revisions(limit: 1000)
            #expect(revisions.count == Revision.kept)
            #expect(revisions.last?.serial == 6)
            #expect(try await store.content(of: 5) == .unknown)
            #expect(names(try await store.content(of: 6)) == ["a {6}", "six {1}", "still {1}"])
            let forms = try await store.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM resource_form")
            }
            #expect(forms == Revision.kept + 1, "one form of `a` for each revision, and that of `still`")
        }
    }

    @Test func `what changed since a serial is known, unless the history does not hold all of it`()
        async throws
    {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [form("a", "{1}"), form("b", "{1}"), form("c", "{1}")])
            try await store.apply(upserts: [form("a", "{2}")])
            try await store.apply(
                upserts: [form("d", "{1}")], deletions: [.init(kind: "Subscription", name: "b")])
            let changes = try #require(try await store.liveChanges(after: 1))
            #expect(changes.serial == 3)
            #expect(changes.upserts.map { "\($0.name) \($0.canonical)" } == ["a {2}", "d {1}"])
            #expect(changes.deletions == [.init(kind: "Subscription", name: "b")])
            #expect(Set(changes.subscriptionsCreatedAt.keys) == ["a", "d"])
            #expect(try await store.liveChanges(after: 3)?.upserts.isEmpty == true)
            #expect(try await store.liveChanges(after: 0) == nil)
            try await store.write { try $0.execute(sql: "DELETE FROM revision_change WHERE serial = 2") }
            #expect(try await store.liveChanges(after: 1) == nil)
            #expect(try await store.liveChanges(after: 2) != nil)
        }
    }

    @Test func `there is no way back past a revision of an earlier version`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [form("a", "{1}")])
            try await store.apply(upserts: [form("a", "{2}")])
            try await store.write {
                try $0.execute(sql: "UPDATE revision SET has_changes = 0 WHERE serial = 2")
            }
            #expect(try await store.content(of: 1) == .notKept)
            #expect(names(try await store.content(of: 2)) == ["a {2}"])
        }
    }

    @Test func `drift is counted per resource and in total`() async throws {
        try await TemporaryState().open { store in
            for number in 1...3 {
                let now = UnixTime.t0 + .seconds(number)
                let lease = try await store.takeLease(.sample(), now: now, isAlive: { _ in true })
                var change = ConfigurationChange.sample(
                    expectedSerial: Int64(number - 1), upserts: [form("a", "{\(number)}")])
                change.drifted = [.init(kind: "Subscription", name: "a")]
                change.result = .healed
                _ = try await store.apply(change, lease: lease, started: now, now: now)
            }
            let now = UnixTime.t0 + .seconds(3)
            #expect(
                try await store.drifts(now: now)
                    == [Drift(kind: "Subscription", name: "a", count: 3, healedAt: now)])
            #expect(try await store.revision(3)?.result == .healed)
            #expect(try await store.drifts(now: now + Drift.window).isEmpty)
            #expect(try await store.driftTotal() == 3)
        }
    }

    @Test func `suspensions end by themselves or when somebody resumes`() async throws {
        try await TemporaryState().open { store in
            let all = Suspension(.all, reason: "moving", createdBy: "mia", since: .t0)
            let one = Suspension(
                .resource("Subscription/erp"), reason: "", createdBy: "mia", since: .t0,
                until: .t0 + .seconds(60))
            try await store.suspend(all)
            try await store.suspend(one)
            #expect(try await store.suspensions(now: .t0 + .seconds(59)) == [one, all])
            #expect(try await store.suspensions(now: .t0 + .seconds(60)) == [all])
            #expect(try await store.resume([.all, .rollback], now: .t0))
            #expect(try await store.resume([.all, .rollback], now: .t0) == false)
            #expect(try await store.suspensions(now: .t0) == [one])
        }
    }

    @Test func `the pin of a rollback goes into effect with it`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [form("a", "{1}")])
            let lease = try await store.takeLease(.sample(), now: .t0, isAlive: { _ in true })
            var change = ConfigurationChange.sample(expectedSerial: 0, upserts: [form("a", "{2}")])
            change.suspension = Suspension(
                .rollback, reason: "", createdBy: "mia", since: .t0, pinnedSerial: 1)
            #expect(
                try await store.apply(change, lease: lease, started: .t0, now: .t0) == .stale(serial: 1))
            #expect(try await store.suspensions(now: .t0).isEmpty)
            change.expectedSerial = 1
            change.result = .rollback
            #expect(
                try await store.apply(change, lease: lease, started: .t0, now: .t0) == .applied(serial: 2))
            #expect(try await store.suspensions(now: .t0).map(\.pinnedSerial) == [1])
            #expect(try await store.revision(2)?.result == .rollback)
            #expect(try await store.syncBasis().noopKey.isEmpty, "the next round looks")
        }
    }
}
