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

    @Argument(help: "The new file.")
    var file: String

    @OptionGroup var state: StateOptions

    func run() throws {
        let store = try state.openForReading()
        do {
            // Looked at before anything is written: a backup is both files.
            for path in [file, file + ".key"] where access(path, F_OK) == 0 {
                throw Failure("\(path) is there already", hint: "choose another name, or move it away")
            }
            try store.backUp(to: file)
            try copyKey()
        } catch {
            try store.close()
            throw error
        }
        try store.close()
        Console.standard.note("wrote \(file)")
        if access(state.path.file + ".files", F_OK) == 0 {
            Console.standard.note(
                "the contents of attachments are in \(state.path).files; copy that folder now")
        }
    }

    /// A state without its key would forget the fingerprints of secrets and the tokens of callbacks.
    private func copyKey() throws {
        let source = state.path.key
        guard access(source, F_OK) == 0 else { return }
        let bytes = try StateKey.load(state.path, create: false).bytes
        let target = file + ".key"
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure("cannot write \(target): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw Failure("cannot write \(target): \(String(cString: strerror(errno)))")
        }
    }
}
