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

    @Test(arguments: [
        ["plan", "--nonsense"], ["frobnicate"], ["plan"], ["run"], ["apply"],
        ["validate", "--format", "xml"],
        ["run", "--dir", ".", "--interval", "soon"], ["run", "--dir", ".", "--max-in-flight", "0"],
        ["run", "--dir", ".", "--allow-network", "10.0.0.0/33"], ["plan", "--dir", ".", "--repo", "x"],
        ["plan", "--dir", ".", "--server", "http://127.0.0.1:1"], ["events", "list", "--limit", "0"],
        ["history", "--limit", "0"],
    ])
    func `wrong usage is 64`(_ arguments: [String]) async throws {
        let result = try await run(arguments)
        #expect(result.status == 64, "\(result)")
        #expect(result.output.isEmpty)
        #expect(!result.errors.isEmpty)
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

    @Test(arguments: ["bash", "zsh", "fish"])
    func `shells are told how to complete commands`(_ shell: String) async throws {
        let result = try await run(["--generate-completion-script", shell])
        #expect(result.status == 0, "\(result.errors)")
        for word in ["validate", "doctor", "--git-token-file"] {
            #expect(result.output.contains(shell == "fish" ? word.replacing("--", with: "") : word))
        }
        #expect(!result.output.contains("git-child"))
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
