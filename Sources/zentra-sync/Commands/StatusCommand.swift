import ArgumentParser
import JSON
import Reconciler
import Store

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What is live, from which commit, and how the last sync ended.")

    @Option(help: "human or json.")
    var format = ListFormat.human

    @OptionGroup var live: LiveOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await status()
        switch format {
        case .json: Console.standard.print(status.json.prettyText)
        case .human:
            let text = StatusText(status, palette: PlanPalette(isColoured: output.palette.isColoured)).text
            Console.standard.write(TextWrapping.fitted(text))
        }
    }

    private func status() async throws -> SyncStatus {
        if let server = try live.namedServer() {
            return try SidecarClient.understood(
                SyncStatus(answer: try await server.get("/api/v1/sync"), now: .now()), "where syncing stands")
        }
        let store = try live.state.openForReading()
        let status = try await SyncStatus.read(from: store, now: .now())
        try store.close()
        return status.noting(await receivers())
    }

    /// What the sidecar that runs the state knows of the receivers; none when no process runs it.
    ///
    /// The state is shown also when that process does not answer, which is when people look at it.
    private func receivers() async -> [String: ReceiverStatus] {
        guard RunLock.owner(of: live.state.path)?.url != nil else { return [:] }
        do {
            let answer = try await live.sidecar().get("/api/v1/subscriptions", timeout: .seconds(5))
            return try SidecarClient.understood(ReceiverStatus.all(answer: answer), "how the receivers are")
        } catch {
            Console.standard.warning("how the receivers are is not known: \(error)")
            return [:]
        }
    }
}
