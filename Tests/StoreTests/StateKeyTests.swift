import Glibc
import Testing

@testable import Store

struct StateKeyTests {
    @Test func `a key is made once, private, and read again`() throws {
        let state = try TemporaryState()
        let key = try StateKey.load(state.path, create: true)
        #expect(key.bytes.count == 32)
        #expect(Set(key.bytes).count > 8)
        #expect(mode(state.path.key) == 0o600)
        #expect(try StateKey.load(state.path, create: true).bytes == key.bytes)
        #expect(try StateKey.load(state.path, create: false).bytes == key.bytes)
        #expect(TemporaryState.entries(state.folder) == ["state.db.key"])
    }

    @Test func `a missing key is an error unless it may be made`() throws {
        let state = try TemporaryState()
        #expect(throws: StoreError.key(path: state.path.key, reason: "No such file or directory")) {
            try StateKey.load(state.path, create: false)
        }
    }

    @Test(arguments: [mode_t(0o640), 0o604, 0o666])
    func `a key that others can read is refused`(_ mode: mode_t) throws {
        let state = try TemporaryState()
        _ = try StateKey.load(state.path, create: true)
        chmod(state.path.key, mode)
        #expect { try StateKey.load(state.path, create: true) } throws: { "\($0)".contains("chmod 600") }
    }

    @Test(arguments: [0, 31, 33])
    func `a key of another size is refused and kept`(_ size: Int) throws {
        let state = try TemporaryState()
        try write(Array(repeating: 7, count: size), to: state.path.key)
        chmod(state.path.key, 0o600)
        #expect { try StateKey.load(state.path, create: true) } throws: { "\($0)".contains("32 bytes") }
        #expect(try read(state.path.key).count == size)
    }

    @Test func `what a crashed process left behind does not stand in the way`() throws {
        let state = try TemporaryState()
        try write([1], to: "\(state.path.key).\(getpid())")
        #expect(try StateKey.load(state.path, create: true).bytes.count == 32)
    }
}
