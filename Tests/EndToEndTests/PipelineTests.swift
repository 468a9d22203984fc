import Foundation
import JSON
import Synchronization
import TestSupport
import Testing

/// The pipelines that `init` writes, run step by step as the hosts do, against a sidecar and the host's API.
@Suite(
    "Pipelines of a new repository", .timeLimit(.minutes(5)),
    .enabled(if: ["bash", "curl", "jq"].allSatisfy { TestCommand.path(of: $0) != nil }, "needs curl and jq"))
struct PipelineTests {
    /// Comments as GitHub and GitLab keep them, behind the API that the scripts use.
    private final class Host: Sendable {
        private let comments: Mutex<[(id: Int, body: String, isOurs: Bool)]>
        private let unexpected = Mutex<[String]>([])
        let token: String

        init(token: String, strangers: Int) {
            self.token = token
            // Strangers say the same words, and are not written over.
            comments = Mutex(
                (0..<strangers).map {
                    (id: $0 + 1, body: "<!-- zentra-sync:plan -->\nnot ours", isOurs: false)
                })
        }

        var ours: [String] { comments.withLock { $0.filter(\.isOurs).map(\.body) } }
        var requests: [String] { unexpected.withLock { $0 } }
        var strangersAreUntouched: Bool {
            comments.withLock { $0.allSatisfy { $0.isOurs || $0.body.hasSuffix("not ours") } }
        }

        func answer(_ request: StubReceiver.Request) -> StubReceiver.Answer {
            let authorised =
                request["Authorization"] == "Bearer \(token)" || request["PRIVATE-TOKEN"] == token
            guard authorised else { return .init(401) }
            let parts = request.path.split(separator: "?")
            let method = String(request.line.split(separator: " ")[0])
            let path = parts[0].split(separator: "/").map(String.init)
            if method == "GET", path == ["api", "v4", "user"] { return .init(body: #"{"id":7}"#) }
            if method == "GET" { return list(parts.count > 1 ? String(parts[1]) : "") }
            guard let body = (try? JSONValue(parsing: request.body))?["body"]?.string else {
                return .init(422)
            }
            switch (method, path.last) {
            case ("POST", "comments"?), ("POST", "notes"?):
                comments.withLock { $0.append((id: $0.count + 1, body: body, isOurs: true)) }
                return .init(201, body: "{}")
            case ("PATCH", let last?), ("PUT", let last?):
                let isChanged = comments.withLock { comments in
                    guard let index = comments.firstIndex(where: { "\($0.id)" == last && $0.isOurs }) else {
                        return false
                    }
                    comments[index].body = body
                    return true
                }
                return .init(isChanged ? 200 : 403, body: "{}")
            default:
                unexpected.withLock { $0.append(request.line) }
                return .init(404)
            }
        }

        /// A page of at most 100, as `per_page` and `page` ask for.
        private func list(_ query: String) -> StubReceiver.Answer {
            func number(_ name: String, or other: Int) -> Int {
                query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.flatMap {
                    Int($0.dropFirst(name.count + 1))
                } ?? other
            }
            let size = min(100, number("per_page", or: 20))
            let page = number("page", or: 1)
            let items = comments.withLock { $0.dropFirst((page - 1) * size).prefix(size) }
            let list = items.map { comment -> JSONValue in
                let (name, id) = comment.isOurs ? ("github-actions[bot]", 7) : ("somebody", 8)
                return [
                    "id": .number(JSONNumber(comment.id)), "body": .string(comment.body),
                    "user": ["login": .string(name)], "author": ["id": .number(JSONNumber(id))],
                ]
            }
            return .init(headers: ["Content-Type: application/json"], body: JSONValue.array(list).text)
        }
    }

    /// A repository as `init` makes it, a sidecar that runs it, and the program where the scripts find it.
    private func world() async throws -> (Workspace, SidecarProcess, Int) {
        var world = try await Workspace()
        #expect(try await world.run("init", "config").status == 0)
        world.environment = ["ERP_SIGNING_SECRET": "signing-canary", "CI_TOKEN": "ci-canary"]
        #expect(try await world.run("apply", "--dir", "config", "--yes").status == 0)
        try world.folder.write("", to: "bin/.keep")
        try FileManager.default.createSymbolicLink(
            atPath: world.folder.appending("bin/zentra-sync"), withDestinationPath: ProductBinary.path)
        let sidecar = try SidecarProcess(
            ["--dir", "config", "--interval", "1h"], in: world.folder.path, environment: world.environment)
        let port = try await sidecar.port
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"")
        return (world, sidecar, port)
    }

    /// Runs a step in the repository as a pipeline does; returns its exit status and what it printed.
    private func step(
        _ script: String, _ world: Workspace, _ environment: [String: String]
    ) async throws -> (status: Int32, output: String) {
        let file = try world.folder.write(script, to: "step.sh")
        let output = world.folder.appending("output-\(UUID())")
        let process = try TestProcess(
            ["env", "--chdir=\(world.folder.appending("config"))", "bash", "-eo", "pipefail", file],
            environment: environment.merging([
                "PATH": "\(world.folder.appending("bin")):/usr/local/bin:/usr/bin:/bin",
                // What a step leaves behind goes with its machine.
                "TMPDIR": world.folder.path,
            ]) { $1 }, output: output, errors: output)
        return (await process.end, try String(contentsOfFile: output, encoding: .utf8))
    }

    private func pipeline(_ world: Workspace, _ name: String) throws -> String {
        try String(contentsOfFile: world.folder.appending("config/\(name)"), encoding: .utf8)
    }

    /// The text of the block scalar behind the first line that ends like this after a line with that name.
    private func block(_ text: String, after name: String, _ opening: String) throws -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let step = try #require(lines.firstIndex { $0.contains(name) }, "\(name)")
        let start = try #require(lines[step...].firstIndex { $0.hasSuffix(opening) })
        let indent = lines[start + 1].prefix { $0 == " " }.count
        let body = lines[(start + 1)...].prefix { $0.isEmpty || $0.prefix { $0 == " " }.count >= indent }
        return body.map { String($0.dropFirst(indent)) }.joined(separator: "\n")
    }

    private func change(_ world: Workspace, _ url: String) throws {
        let file = "config/subscriptions/erp.yaml"
        let text = try String(contentsOfFile: world.folder.appending(file), encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.contains("targetURL:") })
        try world.folder.write(text.replacing(line, with: "  targetURL: \(url)"), to: file)
    }

    /// - Parameter strangers: comments of others that come first, more than a page of them.
    @Test(arguments: [0, 130])
    func `the comment of a pull request on GitHub is written once and then updated`(strangers: Int)
        async throws
    {
        let (world, sidecar, port) = try await world()
        let host = Host(token: "github-canary", strangers: strangers)
        let api = try StubReceiver { request, _ in host.answer(request) }
        let text = try pipeline(world, ".github/workflows/zentra-sync.yml")
        let plan = try block(text, after: "- name: Plan", "run: |")
        let comment = try block(text, after: "- name: Comment", "run: |")
        let runner = try TestFolder()
        let environment = [
            "RUNNER_TEMP": runner.path, "GITHUB_OUTPUT": runner.appending("outputs"),
            "ZENTRA_SERVER": "http://127.0.0.1:\(port)", "ZENTRA_TOKEN": "ci-canary",
            "GITHUB_API_URL": "http://127.0.0.1:\(api.port)", "GITHUB_TOKEN": host.token,
            "GITHUB_REPOSITORY": "ops/integrations", "NUMBER": "17",
        ]
        for version in ["v2", "v3"] {
            try change(world, "https://erp.example.com/hooks/\(version)")
            for script in [plan, comment] {
                let result = try await step(script, world, environment)
                #expect(result.status == 0, "\(result.output)")
                #expect(!result.output.contains("canary"))
            }
            #expect(host.ours.count == 1)
            let body = try #require(host.ours.first)
            #expect(body.hasPrefix("<!-- zentra-sync:plan -->\n### zentra-sync plan\n\n**Plan: 1 to update"))
            #expect(body.contains("hooks/\(version)`") || body.contains("hooks/\(version)\""), "\(body)")
        }
        #expect(host.requests.isEmpty && host.strangersAreUntouched)
        let outputs = try String(contentsOfFile: runner.appending("outputs"), encoding: .utf8)
        #expect(outputs == "status=0\nstatus=0\n")
        #expect(!runner.exists("token"), "the token is not left behind")
        // A host that refuses fails the step.
        let denied = try await step(
            comment, world, environment.merging(["GITHUB_TOKEN": "another"]) { $1 })
        #expect(denied.status != 0)
        #expect(await sidecar.stop() == 0)
    }

    @Test(arguments: [0, 130])
    func `the note of a merge request on GitLab is written once and then updated`(strangers: Int) async throws
    {
        let (world, sidecar, port) = try await world()
        let host = Host(token: "gitlab-canary", strangers: strangers)
        let api = try StubReceiver { request, _ in host.answer(request) }
        let text = try pipeline(world, ".gitlab-ci.yml")
        let script = try block(text, after: "  script:", "- |")
        let environment = [
            "ZENTRA_SERVER": "http://127.0.0.1:\(port)", "ZENTRA_TOKEN": "ci-canary",
            "CI_API_V4_URL": "http://127.0.0.1:\(api.port)/api/v4", "CI_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_IID": "3", "GITLAB_TOKEN": host.token,
        ]
        for version in ["v2", "v3"] {
            try change(world, "https://erp.example.com/hooks/\(version)")
            let result = try await step(script, world, environment)
            #expect(result.status == 0, "\(result.output)")
            #expect(!result.output.contains("canary"))
            #expect(host.ours.count == 1)
            #expect(host.ours.first?.hasPrefix("<!-- zentra-sync:plan -->\n### zentra-sync plan") == true)
            #expect(host.ours.first?.contains("hooks/\(version)") == true)
        }
        #expect(host.requests.isEmpty && host.strangersAreUntouched)
        // What a safety rule refuses is shown, and fails the job all the same.
        try world.folder.write("", to: "config/subscriptions/erp.yaml")
        try world.folder.write("", to: "config/secrets.yaml")
        try world.folder.write("", to: "config/tokens/ci.yaml")
        let refused = try await step(script, world, environment)
        #expect(refused.status == 3, "\(refused.output)")
        #expect(host.ours.first?.contains("**Refused**") == true)
        #expect(await sidecar.stop() == 0)
    }
}
