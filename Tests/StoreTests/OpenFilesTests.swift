import Glibc
import Testing

@testable import Store

struct OpenFilesTests {
    /// Elsewhere nobody would look for what is committed.
    @Test(arguments: ["state.db", "state.db-wal", "state.db-shm"])
    func `nothing is written while a file is not where it was opened`(name: String) async throws {
        let state = try TemporaryState()
        let path = state.folder + "/" + name
        try await state.open { store in
            try await store.replaceSecretStatuses([status("before")])
            #expect(rename(path, state.folder + "/elsewhere") == 0)
            await #expect(throws: StoreError.displaced(path: path)) {
                try await store.replaceSecretStatuses([])
            }
            // A file of the same name is not the same file.
            try write([], to: path)
            await #expect(throws: StoreError.displaced(path: path)) {
                try await store.replaceSecretStatuses([])
            }
            // Back at its place it goes on.
            #expect(rename(state.folder + "/elsewhere", path) == 0)
            try await store.replaceSecretStatuses([status("after")])
        }
        let found = try await state.open { try await $0.secretStatuses() }
        #expect(found.map(\.name) == ["after"])
    }

    private func status(_ name: String) -> SecretStatus {
        SecretStatus(name: name, fingerprint: nil, problem: "", changedAt: .t0)
    }
}
