import Glibc
import Testing

@testable import Store

struct RunLockTests {
    private let owner = RunLock.Owner(process: 42, host: "here", startedAt: "2026-05-05T11:45:07Z")

    @Test func `a second run is refused and learns who has the state`() throws {
        let state = try TemporaryState()
        let lock = try RunLock.take(state.path, owner: owner)
        #expect(throws: StoreError.locked(path: state.path.file, owner: owner.description)) {
            try RunLock.take(state.path, owner: owner)
        }
        #expect(RunLock.owner(of: state.path) == owner)
        var listening = owner
        listening.url = "http://127.0.0.1:8080"
        try lock.describe(listening)
        #expect(RunLock.owner(of: state.path) == listening)
        #expect(mode(state.path.lock) == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test func `a state has one lock by whatever link it is named`() throws {
        let state = try TemporaryState()
        try Store.open(state.path, mode: .write, now: .t0).close()
        let link = state.folder + "/link.db"
        #expect(symlink(state.path.file, link) == 0)
        let named = StatePath.named(link)
        let lock = try RunLock.take(state.path, owner: owner)
        #expect(throws: StoreError.self) { try RunLock.take(named, owner: owner) }
        #expect(StatePath.named(state.path.file) == state.path)
        #expect(StatePath.named(state.folder + "/none.db").file == state.folder + "/none.db")
        withExtendedLifetime(lock) {}
    }

    @Test func `looking for the owner never stands in the way of a start`() throws {
        let state = try TemporaryState()
        do { _ = try RunLock.take(state.path, owner: owner) }
        #expect(RunLock.owner(of: state.path) == nil)
        // Two who look at the same time, and one who starts.
        let first = open(state.path.lock, O_RDONLY)
        defer { close(first) }
        #expect(RunLock.owner(of: state.path) == nil)
        let lock = try RunLock.take(state.path, owner: owner)
        withExtendedLifetime(lock) {}
    }

    @Test func `without a lock file there is no owner`() throws {
        let state = try TemporaryState()
        #expect(RunLock.owner(of: state.path) == nil)
        #expect(TemporaryState.entries(state.folder).isEmpty)
    }

    @Test func `the lock of a process that was killed is free`() throws {
        let state = try TemporaryState()
        do { _ = try RunLock.take(state.path, owner: owner) }
        // A process of its own holds the lock until it dies: python3 and perl may be missing, the shell's `flock`
        // takes the other kind of lock, so this binary's own child keeps the descriptor open.
        let child = try LockHolder(state.path)
        #expect(throws: StoreError.self) { try RunLock.take(state.path, owner: owner) }
        child.kill()
        let lock = try RunLock.take(state.path, owner: owner)
        withExtendedLifetime(lock) {}
    }

    @Test func `a folder that is not there is named`() throws {
        let state = try TemporaryState()
        #expect {
            try RunLock.take(StatePath(state.folder + "/none/state.db"), owner: owner)
        } throws: {
            "\($0)".contains("/none does not exist")
        }
    }
}

/// A process that keeps a locked descriptor open until it is killed.
///
/// A lock of an open file description lives as long as any process has it open, so `sleep` as the only one left
/// stands for a `run` that hangs.
private final class LockHolder {
    private var process = pid_t()

    init(_ path: StatePath) throws {
        let descriptor = open(path.lock, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        #expect(fcntl(descriptor, OpenFileLock.set, &range) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Duplicating clears close-on-exec for the child alone.
        posix_spawn_file_actions_adddup2(&actions, descriptor, 9)
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
        defer { for argument in arguments { free(argument) } }
        #expect(posix_spawnp(&process, "sleep", &actions, nil, &arguments, environ) == 0)
    }

    func kill() {
        Glibc.kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }
}
