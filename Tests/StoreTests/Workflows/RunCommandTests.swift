import Resources
import Testing

@testable import Store

struct RunCommandTests {
    @Test func `a cancellation is durable and wakes the run; one that has ended cannot be cancelled`()
        async throws
    {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try #require(try await store.start(.sample(store)))
            try await store.move(run, .waiting)
            #expect(try await store.cancelRun(run.id, now: .t0) == .accepted(.waiting, woken: [run.sequence]))
            #expect(try await store.runWork(run.sequence)?.signals.command == .cancel)
            #expect(try await store.ready() == [run.sequence])
            try await store.move(run, .cancelled)
            #expect(try await store.cancelRun(run.id, now: .t0) == .impossible(.cancelled))
            #expect(try await store.cancelRun(WorkflowRunID("run_none"), now: .t0) == .unknown)
        }
    }

    @Test func `a run that has not begun is cancelled at once`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            func start() async throws -> StartedRun {
                try #require(
                    try await store.start(
                        .sample(store) { $0.decide = { _ in .start(.queued) } }))
            }
            _ = try await start()
            let queued = try await start()
            #expect(try await store.cancelRun(queued.id, now: .t0) == .accepted(.cancelled, woken: []))
            #expect(try await store.status(queued) == .cancelled)
        }
    }

    @Test func `only a paused run is resumed`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try #require(try await store.start(.sample(store)))
            #expect(try await store.resumeRun(run.id) == .impossible(.running))
            try await store.move(run, .paused)
            #expect(try await store.resumeRun(run.id) == .accepted(.paused, woken: [run.sequence]))
            #expect(try await store.runWork(run.sequence)?.signals.command == .resume)
        }
    }

    @Test func `a new revision cancels the runs of older ones`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let old = try #require(try await store.start(.sample(store, .sample(digest: "old"))))
            let new = try #require(try await store.start(.sample(store, .sample(digest: "new"))))
            #expect(try await store.cancelRuns(of: "page", except: "new") == [old.sequence])
            #expect(try await store.runWork(old.sequence)?.signals.command == .cancel)
            #expect(try await store.runWork(new.sequence)?.signals.command == nil)
        }
    }

    @Test func `a queued run that is cancelled wakes the one that waits for it`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            func called() async throws -> (parent: StartedRun, child: StartedRun) {
                let parent = try #require(try await store.start(.sample(store, .sample("caller"))))
                try await store.move(parent, .waiting)
                let child = try #require(
                    try await store.start(
                        .sample(store, .sample(digest: "old")) {
                            $0.parent = .init(run: parent.sequence, step: "call", attempt: 1)
                            $0.decide = { _ in .start(.queued) }
                        }))
                return (parent, child)
            }
            let (first, second) = (try await called(), try await called())
            #expect(
                try await store.cancelRun(first.child.id, now: .t0)
                    == .accepted(.cancelled, woken: [first.parent.sequence]))
            #expect(try await store.ready() == [first.parent.sequence])
            #expect(try await store.cancelRuns(of: "page", except: "new") == [second.parent.sequence])
            #expect(try await store.status(second.child) == .cancelled)
            #expect(try await store.ready() == [first.parent.sequence, second.parent.sequence])
        }
    }

    @Test func `a start ends no older run that a person has repeated, a new revision does`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let old = try #require(try await store.start(.sample(store, .sample(digest: "old"))))
            let repeated = try #require(
                try await store.start(
                    .sample(store, .sample(digest: "old")) { $0.retryOf = WorkflowRunID("run_first") }))
            #expect(
                try await store.cancelRuns(of: "page", except: "new", sparesRepeats: true) == [old.sequence])
            #expect(try await store.cancelRuns(of: "page", except: "new") == [repeated.sequence])
        }
    }

    @Test func `old runs go, with their journal and callbacks; events that runs have stay`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try #require(try await store.start(.sample(store)))
            try await store.start([], id: "evt_newest", now: .t0 + .seconds(1))
            try await store.move(run, .succeeded, entries: ["{}"])
            try await store.write(.message(.sample("msg_1", endpoint: "callbacks", key: "\(run.id)/ack")))
            let later = UnixTime.t0 + .seconds(3600)
            #expect(try await store.pruneEvents(olderThan: later, now: later, batch: 10).removed == 0)
            #expect(try await store.pruneRuns(endedBefore: .t0, limit: 10) == 0)
            #expect(try await store.pruneRuns(endedBefore: later, limit: 10) == 1)
            #expect(try await store.run(run.id) == nil)
            #expect(try await store.inboundMessages(endpoint: "callbacks", key: "\(run.id)/ack").isEmpty)
            #expect(try await store.pruneEvents(olderThan: later, now: later, batch: 10).removed == 1)
            #expect(try await store.workflowRevision("digest-of-page") != nil)
            try await store.pruneWorkflowRemains(now: later)
            #expect(try await store.workflowRevision("digest-of-page") == nil)
        }
    }

    @Test func `lists are filtered, and use an index`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let runs = try await store.start([
                .sample(store), .sample(store, .sample("other")), .sample(store),
            ]).runs
            try await store.move(runs[0], .failed)
            func ids(_ filter: RunFilter) async throws -> [WorkflowRunID] {
                try await store.runs(filter, before: nil, limit: 10).items.map(\.id)
            }
            #expect(try await ids(RunFilter()) == [runs[2].id, runs[1].id, runs[0].id])
            #expect(try await ids(RunFilter(workflow: "page")) == [runs[2].id, runs[0].id])
            #expect(try await ids(RunFilter(status: .failed)) == [runs[0].id])
            #expect(try await ids(RunFilter(since: .t0 + .seconds(1))).isEmpty)
            #expect(try await store.openRuns() == ["page": [.running: 1], "other": [.running: 1]])
        }
    }
}
