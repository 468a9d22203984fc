import ArgumentParser
import Glibc
import Store

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the state while it runs, as of one moment.",
        discussion: """
            The copy has everything but the contents of attachments, which are files that never change in the folder \
            beside the state: copy <state>.files after the backup. The key beside the state is copied as <file>.key, so \
            keep both in a safe place.
            """)

    @Argument(help: "The new file.", completion: .file())
    var file: String

    @OptionGroup var state: StateOptions

    func validate() throws {
        if file.isEmpty { throw ValidationError("the file has no name") }
    }

    func run() throws {
        let store = try state.openForReading()
        var copies = [file]
        do {
            // Looked at before anything is written: a backup is both files.
            for path in [file, file + ".key"] where access(path, F_OK) == 0 {
                throw Failure("\(path) is there already", hint: "choose another name, or move it away")
            }
            let key = try key()
            try copy(store)
            if let key { copies.append(try write(key)) }
        } catch {
            try store.close()
            throw error
        }
        try store.close()
        Console.standard.note("wrote \(copies.joined(separator: " and "))")
        if access(state.path.file + ".files", F_OK) == 0 {
            Console.standard.note(
                "the contents of attachments are in \(state.path).files; copy that folder now")
        }
    }

    /// A state without its key would forget the fingerprints of secrets and the tokens of callbacks; nil when there is
    /// none.
    private func key() throws -> [UInt8]? {
        guard access(state.path.key, F_OK) == 0 else { return nil }
        return try StateKey.load(state.path, create: false).bytes
    }

    private func copy(_ store: Store) throws {
        do { try store.backUp(to: file) } catch StoreError.inaccessible(let path, let reason) {
            throw Failure("cannot write \(path): \(reason)")
        }
    }

    /// - Returns: the copy of the key; without it there is no backup.
    private func write(_ key: [UInt8]) throws -> String {
        let target = file + ".key"
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        var isWritten = descriptor >= 0 && Glibc.write(descriptor, key, key.count) == key.count
        isWritten = isWritten && fsync(descriptor) == 0
        let reason = String(cString: strerror(errno))
        if descriptor >= 0 { close(descriptor) }
        guard isWritten else {
            if descriptor >= 0 { unlink(target) }
            unlink(file)
            throw Failure("cannot write \(target): \(reason)")
        }
        return target
    }
}
