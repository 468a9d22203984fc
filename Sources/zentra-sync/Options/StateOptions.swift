import ArgumentParser
import Store

/// Where the live state is.
struct StateOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The live state.", valueName: "file"), completion: .file())
    var state = Self.standard

    static let standard = "./zentra-sync.db"

    var path: StatePath { StatePath.named(state) }

    /// Opens the state beside whoever runs it; never creates or migrates it.
    func openForReading() throws -> Store { try Store.open(path, mode: .read, now: .now()) }

    /// Opens an existing state to change what runs; never creates or migrates it.
    func openForChange() throws -> Store {
        try openForReading().close()
        return try Store.open(path, mode: .write, now: .now())
    }
}
