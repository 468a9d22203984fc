import ArgumentParser
import JSON
import Resources
import Runtime
import Store

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Runs of workflows: what they did, step by step.",
        subcommands: [List.self, Show.self, Cancel.self, Retry.self, Resume.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List runs, newest first.")

        @Option(help: "Only of this workflow.")
        var workflow: TextArgument?

        @Option(
            help:
                "Only with this status: queued, running, waiting, paused, succeeded, failed, cancelled or refused."
        )
        var status: RunStatus?

        @Option(
            help: ArgumentHelp("Only since then: RFC 3339, or a duration ago such as 2h.", valueName: "time"))
        var since: SinceArgument?

        @OptionGroup var list: ListOptions
        @OptionGroup var live: LiveOptions

        func run() async throws {
            let columns: [Table.Column] = [
                .init("RUN"), .init("WORKFLOW", .cut), .init("STATUS"), .init("TRIGGER", .optional),
                .init("RECORD", .optional), .init("CREATED", .time),
            ]
            list.print(try await page(), columns) { item in
                [
                    item["id"]?.string ?? "", item["workflow"]?.string ?? "", item["status"]?.string ?? "",
                    item["eventType"]?.string ?? "", Printable.line(item["record"]?.string ?? "-"),
                    item["createdAt"]?.string ?? "",
                ]
            }
        }

        private func page() async throws -> JSONValue {
            try await list.page(
                of: "/api/v1/runs",
                [
                    ("workflow", workflow?.text), ("status", status?.rawValue),
                    ("since", since?.time.description),
                ], live
            ) { store, before in
                let filter = RunFilter(workflow: workflow?.text, status: status, since: since?.time)
                return try await store.runs(filter, before: before, limit: list.limit)
            } _: {
                .object(RunJSON.object($0))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a run with each step: its inputs' values, result, attempts and times.")

        @Argument(help: "The run's id.")
        var id: TextArgument

        @OptionGroup var options: ShowOptions

        func run() async throws {
            let run = try await detail()
            options.print(run) {
                RunText(palette: $0, now: .now(), cutsValues: Console.standard.width != nil).text(run)
            }
        }

        private func detail() async throws -> JSONValue {
            try await options.live.read("/api/v1/runs/\(id.encoded)") { store in
                guard let detail = try await store.run(WorkflowRunID(id.text)) else {
                    throw Failure("there is no run `\(id.text)`")
                }
                return .object(RunJSON.object(detail))
            }
        }
    }
}

extension RunsCommand {
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a run; its `finally` still happens.")

        @OptionGroup var target: RunTarget

        func run() async throws {
            let answer = try await target.post("cancel")
            Console.standard.print("cancelled: \(answer["id"]?.string ?? target.id.text)")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Do a failed run again from its failed step, as a new run.")

        @OptionGroup var target: RunTarget

        func run() async throws {
            let answer = try await target.post("retry")
            Console.standard.print(
                "\(answer["status"]?.string ?? "started"): \(answer["id"]?.string ?? "")")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused run go on: its step gets as many attempts again.")

        @OptionGroup var target: RunTarget

        func run() async throws {
            let answer = try await target.post("resume")
            Console.standard.print("resumed: \(answer["id"]?.string ?? target.id.text)")
        }
    }
}

/// The run that a command does something to, in the sidecar that has it.
struct RunTarget: ParsableArguments {
    @Argument(help: "The run's id.")
    var id: TextArgument

    @OptionGroup var live: LiveOptions

    /// What the sidecar answers to a command for the run.
    func post(_ command: String) async throws -> JSONValue {
        try await live.sidecar().post("/api/v1/runs/\(id.encoded)/\(command)", body: [])
    }
}

extension RunStatus: ExpressibleByArgument {}
