import Testing

@testable import Store

struct LeaseTests {
    @Test func `a second holder is refused and learns who has it`() async throws {
        try await TemporaryState().open { store in
            let lease = try await store.takeLease(.sample(process: 1), now: .t0, isAlive: { _ in true })
            await #expect {
                try await store.takeLease(
                    .sample(process: 2), now: .t0 + .seconds(29), isAlive: { _ in true })
            } throws: {
                "\($0)".contains("run on here (process 1), since 2026-05-05T11:45:07Z")
            }
            try await store.releaseLease(lease)
            #expect(try await store.lease() == nil)
            _ = try await store.takeLease(.sample(process: 2), now: .t0, isAlive: { _ in true })
        }
    }

    @Test func `taking it again renews it`() async throws {
        try await TemporaryState().open { store in
            _ = try await store.takeLease(.sample(), now: .t0, isAlive: { _ in true })
            let renewed = try await store.takeLease(
                .sample(), now: .t0 + .seconds(20), isAlive: { _ in true })
            #expect(renewed.acquired == .t0)
            #expect(renewed.expires == .t0 + .seconds(50))
            #expect(try await store.lease() == renewed)
        }
    }

    @Test(arguments: [
        // host, boot, alive, seconds later, free
        ("here", "boot-1", false, 0, true),
        ("here", "boot-1", true, 29, false),
        ("here", "boot-1", true, 30, true),
        ("here", "boot-0", false, 29, false),
        ("there", "boot-1", false, 29, false),
        ("there", "boot-1", false, 30, true),
    ])
    func `a lease is taken over from a dead process of this boot, else when it has expired`(
        _ host: String, _ boot: String, _ alive: Bool, _ seconds: Int, _ isFree: Bool
    ) async throws {
        try await TemporaryState().open { store in
            let old = Lease.Holder.sample(process: 7, host: host, bootID: boot)
            let lost = try await store.takeLease(old, now: .t0, isAlive: { _ in true })
            let mine = Lease.Holder.sample(process: 8)
            let now = UnixTime.t0 + .seconds(seconds)
            guard isFree else {
                await #expect(throws: StoreError.self) {
                    try await store.takeLease(mine, now: now, isAlive: { $0 != 7 || alive })
                }
                return
            }
            _ = try await store.takeLease(mine, now: now, isAlive: { $0 != 7 || alive })
            // Who lost it cannot give it away.
            try await store.releaseLease(lost)
            #expect(try await store.lease()?.holder == mine)
        }
    }

    @Test(arguments: [(29, false), (31, true), (30 * 86_400, true)])
    func `a lease from before the clock was set back does not last until the clock is there again`(
        _ seconds: Int, _ isFree: Bool
    ) async throws {
        try await TemporaryState().open { store in
            let old = Lease.Holder.sample(process: 7, host: "there")
            let lease = try await store.takeLease(old, now: .t0, isAlive: { _ in true })
            let now = UnixTime.t0 - .seconds(seconds)
            #expect((lease.condition(now: now) == .expired) == isFree)
            #expect(lease.description(now: now).contains("the clock was set back") == isFree)
            let mine = Lease.Holder.sample(process: 8)
            if isFree {
                #expect(try await store.takeLease(mine, now: now, isAlive: { _ in true }).holder == mine)
            } else {
                await #expect(throws: StoreError.self) {
                    try await store.takeLease(mine, now: now, isAlive: { _ in true })
                }
            }
        }
    }
}
