import Foundation
import JSON
import TestSupport
import Testing

@Suite("What every command has in common", .timeLimit(.minutes(5)))
struct CommandLineTests {
    private func run(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) async throws -> ProductBinary.Result {
        let folder = try TestFolder()
        return try await ProductBinary.run(arguments, in: folder.path, environment: environment)
    }

    @Test(arguments: [["run", "--dir", "."], ["status"], ["plan", "--dir", "."]])
    func `a command that can have no threads says so`(_ arguments: [String]) async throws {
        // The stack of every thread would be larger than what a process can address.
        let limit = ["prlimit", "--stack=\(1 << 50):"]
        let folder = try TestFolder()
        let result = try await ProductBinary.run(arguments, in: folder.path, launcher: limit)
        #expect(result.status == 1, "\(result)")
        #expect(result.errors.hasPrefix("error: cannot start the "), "\(result)")
        #expect(
            result.errors.contains(
                "threads that this command needs: resource temporarily unavailable\nhint: "),
            "\(result)")
        let version = try await ProductBinary.run(["version"], in: folder.path, launcher: limit)
        #expect(version.status == 0, "\(version)")
    }

    @Test(arguments: [
        ["plan", "--nonsense"], ["frobnicate"], ["plan"], ["run"], ["apply"],
        ["validate", "--format", "xml"],
        ["run", "--dir", ".", "--interval", "soon"], ["run", "--dir", ".", "--max-in-flight", "0"],
        ["run", "--dir", ".", "--allow-network", "10.0.0.0/33"], ["plan", "--dir", ".", "--repo", "x"],
        ["plan", "--dir", ".", "--server", "http://127.0.0.1:1"], ["events", "list", "--limit", "0"],
        ["history", "--limit", "0"], ["plan", "--dir", ".", "--server", "nonsense", "--token-file", "t"],
        ["status", "--server", "https://x.example.com/?a", "--token-file", "t"],
        ["history", "--server", "https://me:pw@x.example.com", "--token-file", "t"],
        ["status", "--server-ca-file", "c"],
        ["status", "--server", "http://x.example.com", "--token-file", "t", "--server-ca-file", "c"],
        ["status", "--token-file", "t"], ["deliveries", "lst"],
        ["deliveries", "show", ""], ["deliveries", "redeliver", ""], ["runs", "show", ""],
        ["runs", "cancel", ""], ["runs", "resume", ""], ["runs", "list", "--workflow", ""],
        ["events", "send", "", "--data", "-"],
        ["events", "send", "ticket.created", "--data", "-", "--id", ""],
        ["events", "list", "--type", ""], ["schema", ""], ["explain", ""],
        ["deliveries", "list", "--event", ""], ["deliveries", "list", "--subscription", ""],
        ["deliveries", "replay", "--subscription", "", "--since", "2h"],
        ["eval", "", "--event", "-"], ["eval", "true", "--event", "-", "--type", ""],
        ["run", "--dir", ".", "--once", "--interval", "900ms"],
        ["run", "--dir", ".", "--once", "--retention", "0s"],
        // A variable of the shell that is not set; a folder without a name would be the root of the file system.
        ["dump", ""], ["init", ""], ["backup", ""], ["plan", "--dir", ".", "--out", ""], ["apply", ""],
    ])
    func `wrong usage is 64`(_ arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.status == 64, "\(result)")
        #expect(result.output.isEmpty)
        #expect(!result.errors.isEmpty)
    }

    @Test(arguments: [
        (["plann"], "there is no command `plann`", "did you mean `plan`?"),
        (["deliveries", "lst"], "there is no command `lst`", "did you mean `list`?"),
        (["help", "plann"], "there is no command `plann`", "did you mean `plan`?"),
        (["help", "deliveries", "lst"], "there is no command `lst`", "did you mean `list`?"),
        (["runs", "frobnicate"], "there is no command `frobnicate`", "there are `list`, `show`, "),
        (["schema", "Subscripton"], "there is no kind `Subscripton`", "did you mean `Subscription`?"),
        (["validate", "a.yaml"], "cannot read `a.yaml`: Not a directory", "name the folder"),
        (["secrets", "check", "--dir", "."], "the configuration has 2 errors", "`zentra-sync validate`"),
        (["doctor", "--state", "folder"], "", ""),
    ])
    func `who slips is told what to do`(_ arguments: [String], _ error: String, _ hint: String) async throws {
        let folder = try TestFolder()
        try folder.write("kind: Nonsense\n", to: "a.yaml")
        try folder.write("", to: "folder/.keep")
        let result = try await ProductBinary.run(arguments, in: folder.path)
        #expect(result.status != 0)
        if arguments[0] == "doctor" {
            #expect(result.output.contains("fail  state: folder is not a regular file"), "\(result)")
            #expect(!result.output.contains("chmod"), "\(result)")
        } else {
            #expect(result.errors.hasPrefix("error: \(error)\nhint: \(hint)"), "\(result)")
        }
    }

    @Test(arguments: [
        ("--retention", "7", "a duration is a number with a unit"),
        ("--max-body", "1M", "a size is a number with a unit"),
        ("--listen", "nowhere", "an address is written"),
        ("--public-url", "zentra.example.com", "a URL begins with https://"),
    ])
    func `a value of the wrong form is answered with the right one`(
        _ option: String, _ value: String, _ hint: String
    ) async throws {
        let result = try await run(["run", "--dir", ".", option, value])
        #expect(result.status == 64)
        #expect(
            result.errors.hasPrefix("error: The value '\(value)' is invalid for '\(option) <"), "\(result)")
        #expect(result.errors.contains("\nhint: \(hint)"), "\(result)")
    }

    @Test func `what was not read is said, and that there was nothing`() async throws {
        let folder = try TestFolder()
        try folder.write(Resources.base, to: "else/where.yaml")
        try folder.write("", to: "config/.keep")
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending("config/base.yaml"), withDestinationPath: "../else/where.yaml")
        let skipped = "warning: `base.yaml` is a symbolic link and was not read\n"
        let check = try await ProductBinary.run(["validate", "config"], in: folder.path)
        #expect(check.status == 0, "\(check)")
        #expect(
            check.errors.hasPrefix(skipped + "warning: there is no file to check in `config`"), "\(check)")
        for command in [["plan", "--dir"], ["test"]] {
            let result = try await ProductBinary.run(command + ["config"], in: folder.path)
            #expect(result.status == 0 && result.errors == skipped, "\(result)")
        }
    }

    @Test func `a token that others may read on its way is a warning`() async throws {
        let folder = try TestFolder()
        try folder.write("secret", to: "token")
        for (server, isWarned) in [
            ("http://nowhere.invalid:1", true), ("https://nowhere.invalid:1", false),
            ("http://127.nowhere.invalid:1", true),
            ("http://127.0.0.1:1", false), ("http://localhost:1", false), ("http://[::1]:1", false),
        ] {
            let result = try await ProductBinary.run(
                ["status", "--server", server, "--token-file", "token"], in: folder.path)
            #expect(result.status == 1, "\(result)")
            #expect(result.errors.contains("in clear text") == isWarned, "\(result)")
            #expect(result.errors.contains("error: cannot reach the sidecar at \(server): "), "\(result)")
        }
    }

    @Test func `a variable that names no option is a warning, but not one of Kubernetes`() async throws {
        let result = try await run(
            ["run", "--dir", "none", "--once"],
            [
                "ZENTRA_SYNC_INTERVALL": "5s", "ZENTRA_SYNC_PORT": "tcp://10.0.0.1:8080",
                "ZENTRA_SYNC_SERVICE_HOST": "10.0.0.1", "ZENTRA_SYNC_SERVICE_PORT_HTTP": "8080",
                "ZENTRA_SYNC_PORT_8080_TCP": "tcp://10.0.0.1:8080",
                "ZENTRA_SYNC_PORT_8080_TCP_ADDR": "10.0.0.1",
                "ZENTRA_SYNC_LOG_FORMAT": "text",
            ])
        let warnings = result.errors.split(separator: "\n").filter { $0.hasPrefix("warning:") }
        #expect(
            warnings == ["warning: the environment variable ZENTRA_SYNC_INTERVALL names no option of `run`"])
    }

    @Test func `an option beats its variable, and a wrong one is wrong usage`() async throws {
        let wrong = try await run(["run", "--dir", "none"], ["ZENTRA_SYNC_INTERVAL": "soon"])
        #expect(wrong.status == 64, "\(wrong)")
        let flag = try await run(["run", "--dir", "none"], ["ZENTRA_SYNC_ONCE": "maybe"])
        #expect(flag.status == 64, "\(flag)")
        let beaten = try await run(
            ["run", "--dir", "none", "--once", "--interval", "5s"], ["ZENTRA_SYNC_INTERVAL": "soon"])
        #expect(beaten.status == 1, "\(beaten)")
        let empty = try await run(
            ["run", "--dir", "none", "--once"], ["ZENTRA_SYNC_REPO": "", "ZENTRA_SYNC_INTERVAL": ""])
        #expect(empty.status == 1, "\(empty)")
    }

    @Test func `colour is for terminals, or when it is asked for`() async throws {
        let folder = try TestFolder()
        try folder.write("kind: Nonsense\n", to: "a.yaml")
        func output(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> String {
            let result = try await ProductBinary.run(
                ["validate"] + arguments, in: folder.path, environment: environment)
            return result.output + result.errors
        }
        #expect(!(try await output([])).contains("\u{1B}["))
        #expect(!(try await output(["--color", "never"])).contains("\u{1B}["))
        #expect(!(try await output([], ["NO_COLOR": "1"])).contains("\u{1B}["))
        #expect(try await output(["--color", "always"]).contains("\u{1B}["))
    }

    @Test func `results that do not arrive are an error, a reader that goes away is none`() async throws {
        let folder = try TestFolder()
        try folder.write(Resources.base, to: "config/base.yaml")
        func exit(_ command: String) async throws -> String {
            let script = "cd '\(folder.path)' && \(command); echo \"$?\"; cat errors"
            return try await TestCommand.run(
                ["bash", "-c", script], environment: ["ZENTRA": ProductBinary.path])
        }
        let full = "1\nerror: cannot write standard output: No space left on device"
        #expect(try await exit("\"$ZENTRA\" schema >/dev/full 2>errors") == full)
        #expect(
            try await exit("\"$ZENTRA\" plan --dir config --detailed-exitcode >/dev/full 2>errors") == full)
        let gone = "\"$ZENTRA\" schema 2>errors | head -n 1 >/dev/null; (exit ${PIPESTATUS[0]})"
        #expect(try await exit(gone) == "0")
    }

    @Test func `a pipe that a plan is written to stays one, and so does a link`() async throws {
        let folder = try TestFolder()
        try folder.write(Resources.base, to: "config/base.yaml")
        try folder.write("old", to: "target")
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending("link"), withDestinationPath: "target")
        // Opening a pipe waits for its other end.
        let script = """
            cd '\(folder.path)' && mkfifo pipe && (timeout 60 cat pipe >read &)
            "$ZENTRA" plan --dir config --format json=pipe --format markdown=link --out saved.zsp
            test -p pipe && test -L link && echo kept
            """
        let output = try await TestCommand.run(
            ["bash", "-c", script], environment: ["ZENTRA": ProductBinary.path])
        #expect(output.hasSuffix("kept"), "\(output)")
        while !folder.exists("read") { await Task.yield() }
        let target = try String(contentsOfFile: folder.appending("target"), encoding: .utf8)
        #expect(target.hasPrefix("### zentra-sync plan"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.sorted() == ["config", "link", "pipe", "read", "saved.zsp", "target"])
        let into = try await ProductBinary.run(
            ["plan", "--dir", "config", "--out", "config"], in: folder.path)
        #expect(into.status == 1 && into.errors.contains("cannot write config: Is a directory"), "\(into)")
    }

    @Test(.enabled(if: TestCommand.path(of: "script") != nil, "needs script(1)"))
    func `a question is asked on the terminal, although the results go elsewhere`() async throws {
        let folder = try TestFolder()
        try folder.write(Resources.base, to: "config/base.yaml")
        let command =
            "cd '\(folder.path)' && '\(ProductBinary.path)' apply --dir config >results; echo \"ended with $?\""
        for (answer, end) in [("no", "ended with 1"), ("yes", "ended with 0")] {
            let terminal = try await TestCommand.run(
                ["script", "--quiet", "--echo", "never", "--command", command, "/dev/null"],
                input: "\(answer)\n", environment: ["TERM": "dumb"])
            #expect(terminal.contains("Apply these changes? Only `yes` does it: "), "\(terminal)")
            #expect(terminal.contains(end), "\(terminal)")
            let results = try String(contentsOfFile: folder.appending("results"), encoding: .utf8)
            #expect(results.contains("Plan: 3 to create"), "\(results)")
            #expect(!results.contains("yes"), "\(results)")
            #expect(results.contains("Applied, serial 1.") == (answer == "yes"), "\(results)")
        }
    }

    @Test(.enabled(if: TestCommand.path(of: "script") != nil, "needs script(1)"))
    func `problems in a file have no colours, although the results are on a terminal`() async throws {
        let folder = try TestFolder()
        try folder.write(
            Resources.base
                + Resources.subscription(
                    to: "https://erp.example.com", events: "ticket.created, asset.created",
                    more: "filter: event.data.priority == 'high'"), to: "config/base.yaml")
        let command = "cd '\(folder.path)' && '\(ProductBinary.path)' plan --dir config 2>errors"
        let terminal = try await TestCommand.run(
            ["script", "--quiet", "--return", "--command", command, "/dev/null"],
            environment: ["TERM": "xterm"])
        #expect(terminal.contains("\u{1B}["), "\(terminal)")
        let errors = try String(contentsOfFile: folder.appending("errors"), encoding: .utf8)
        #expect(errors.contains("warning[doubtful-field]"), "\(errors)")
        #expect(!errors.contains("\u{1B}["), "\(errors)")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `shells are told how to complete commands`(_ shell: String) async throws {
        let result = try await run(["--generate-completion-script", shell])
        #expect(result.status == 0, "\(result.errors)")
        for word in ["validate", "doctor", "--git-token-file"] {
            #expect(result.output.contains(shell == "fish" ? word.replacing("--", with: "") : word))
        }
        #expect(!result.output.contains("git-child"))
    }

    @Test(arguments: [
        ("plan --format", "human json markdown"), ("explain", "Subscription"), ("validate", "config"),
        ("schema", "WorkflowTest"), ("run --tls-key-file", "config key.pem"), ("run --dir", "config"),
        ("deliveries replay --status", "exhausted"),
    ])
    func `a shell completes formats, kinds, files and folders`(_ command: String, _ words: String)
        async throws
    {
        let folder = try TestFolder()
        try folder.write("", to: "key.pem")
        try folder.write("", to: "config/a.yaml")
        // As bash does when Tab is pressed behind a blank.
        let script = """
            cd "$1" && source <("$2" --generate-completion-script bash)
            COMP_WORDS=(zentra-sync \(command) "")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            COMP_LINE="${COMP_WORDS[*]}"
            COMP_POINT=${#COMP_LINE}
            _zentra-sync zentra-sync "" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let answer = try await TestCommand.run(
            ["bash", "-c", script, "bash", folder.path, ProductBinary.path])
        let offered = Set(answer.split(separator: "\n").map(String.init))
        #expect(offered.isSuperset(of: words.split(separator: " ").map(String.init)), "\(answer)")
        #expect(offered.contains("key.pem") == words.contains("key.pem"), "\(answer)")
    }

    @Test func `the log of problems is SARIF with what GitHub asks for`() async throws {
        let folder = try TestFolder()
        try folder.write(
            "apiVersion: sync.zentra.dev/v1\nkind: Subscription\nmetadata: {name: a}\nspec: {evnets: [x]}\n",
            to: "sub folder/ä.yaml")
        let result = try await ProductBinary.run(["validate", ".", "--format", "sarif"], in: folder.path)
        #expect(result.status == 1)
        let log = try JSONValue(parsing: result.output)
        #expect(log["version"] == "2.1.0")
        let run = log["runs"]?.array?.first
        let rules = run?["tool"]?["driver"]?["rules"]?.array ?? []
        let results = run?["results"]?.array ?? []
        #expect(!results.isEmpty)
        for item in results {
            let index = try #require(item["ruleIndex"]?.int)
            let rule = try #require(rules.indices.contains(index) ? rules[index] : nil)
            #expect(rule["id"] == item["ruleId"])
            #expect(["error", "warning", "note"].contains(item["level"]?.string))
            #expect(item["message"]?["text"]?.string?.isEmpty == false)
            let place = item["locations"]?.array?.first?["physicalLocation"]
            #expect(place?["artifactLocation"]?["uri"] == "sub%20folder/%C3%A4.yaml")
            #expect(place?["region"]?["startLine"]?.int ?? 0 >= 1)
        }
    }
}
