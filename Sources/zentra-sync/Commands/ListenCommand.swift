import ArgumentParser
import Logging
import Resources
import Runtime

struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "A receiver for development: print each webhook and verify its signature.")

    @Option(help: "The port on 127.0.0.1; 0 takes a free one.")
    var port: Int

    @Option(help: ArgumentHelp("The environment variable with the signing secret.", valueName: "name"))
    var secretEnv: String?

    @Option(help: "The status to answer with, 200 to 599.")
    var status = 200

    @Option(help: ArgumentHelp("How long to wait before the answer.", valueName: "duration"))
    var delay = DurationArgument(.zero)

    @Option(
        help: ArgumentHelp(
            "Answer --status only to the first N requests of each delivery, then 200.", valueName: "n"))
    var times: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 0...65535 ~= port else { throw ValidationError("--port is a number from 0 to 65535") }
        guard 200...599 ~= status else { throw ValidationError("--status is a number from 200 to 599") }
        if let times, times < 1 { throw ValidationError("--times is at least 1") }
    }

    func run() async throws {
        let receiver = Receiver(
            secret: try secretEnv.map(secret), status: status, delay: delay.duration, times: times,
            printer: WebhookPrinter(palette: output.palette))
        try await receiver.run(port: port)
    }

    private func secret(_ name: String) throws -> SecretValue {
        switch SecretReader(folders: nil).read(.environment(name)) {
        case .success(let value): return value
        case .failure(let problem): throw Failure("cannot verify signatures: \(problem)")
        }
    }
}
