import ArgumentParser

struct PlanCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "plan") }
struct ApplyCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "apply") }
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run")
}
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status")
}
