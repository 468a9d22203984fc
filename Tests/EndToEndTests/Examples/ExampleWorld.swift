import Crypto
import Foundation
import JSON
import TestSupport
import Testing

/// `examples/config-repo` as its users run it: the real program, with servers on this machine in place of the services.
///
/// Of the files nothing is changed but the services' addresses, and what a test names.
struct ExampleWorld {
    private let workspace: Workspace
    let pagerDuty: StubReceiver
    let gitHub: StubReceiver
    let identityProvider: StubReceiver
    let chat: StubReceiver
    /// Where the subscriptions deliver to.
    let receiver: StubReceiver

    typealias Answers = @Sendable (StubReceiver.Request) -> StubReceiver.Answer

    /// What the secrets of the example are; the chat's is its address.
    static let secrets = [
        "ERP_SIGNING_SECRET": "erp-signing-71", "AUDIT_SIGNING_SECRET": "audit-signing-72",
        "HELPDESK_TOKEN": "helpdesk-token-73", "PAGERDUTY_ROUTING_KEY": "routing-key-74",
        "PAGERDUTY_ESCALATION_KEY": "escalation-key-75", "PAGERDUTY_WEBHOOK_SECRET": "pagerduty-secret-76",
        "GITHUB_TOKEN": "github-token-77", "GITHUB_WEBHOOK_SECRET": "github-secret-78",
        "ALERTMANAGER_PASSWORD": "alertmanager-password-79", "HR_WEBHOOK_SECRET": "hr-secret-80",
        "SCIM_TOKEN": "scim-token-81",
    ]

    /// - Parameter changes: texts of the example and what stands in their place; each has to be there.
    init(
        pagerDuty: @escaping Answers = Self.accepted, gitHub: @escaping Answers = { _ in .init(200) },
        identityProvider: @escaping Answers = { _ in .init(201) }, changes: [String: String] = [:]
    ) async throws {
        self.pagerDuty = try StubReceiver { request, _ in pagerDuty(request) }
        self.gitHub = try StubReceiver { request, _ in gitHub(request) }
        self.identityProvider = try StubReceiver { request, _ in identityProvider(request) }
        chat = try StubReceiver()
        receiver = try StubReceiver()
        let services = [
            "https://events.pagerduty.com": self.pagerDuty, "https://api.github.com": self.gitHub,
            "https://id.example.com": self.identityProvider, "http://127.0.0.1:9100": receiver,
            "http://127.0.0.1:9101": receiver,
        ].mapValues { "http://127.0.0.1:\($0.port)" }
        var workspace = try await Workspace(try Self.files(services.merging(changes) { $1 }))
        workspace.environment = Self.secrets
        workspace.environment["CHAT_WEBHOOK_URL"] = "http://127.0.0.1:\(chat.port)/services/T0/B0/secret"
        self.workspace = workspace
    }

    /// PagerDuty's answer to an event it takes.
    static let accepted: Answers = { request in
        let key = (try? request.json["dedup_key"]?.string) ?? ""
        return .init(
            202, body: #"{"status":"success","message":"Event processed","dedup_key":"\#(key)"}"#)
    }

    private static func files(_ changes: [String: String]) throws -> [String: String] {
        let root = URL(filePath: #filePath).appending(path: "../../../../examples/config-repo")
            .standardizedFileURL.path
        let names = try FileManager.default.subpathsOfDirectory(atPath: root)
        var files: [String: String] = [:]
        for name in names where name.hasSuffix(".yaml") {
            files[name] = try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
        }
        for (text, other) in changes {
            #expect(files.values.contains { $0.contains(text) }, "the example has no `\(text)`")
            files = files.mapValues { $0.replacing(text, with: other) }
        }
        return files
    }

    func start() async throws -> ExampleDesk {
        let (sidecar, port) = try await workspace.readySidecar()
        return ExampleDesk(sidecar: sidecar, port: port)
    }

    func run(_ arguments: String...) async throws {
        let result = try await ProductBinary.run(
            arguments, in: workspace.folder.path, environment: workspace.environment)
        #expect(result.status == 0, "\(result)")
    }
}

/// The running program, as the service desk and the services see it.
struct ExampleDesk {
    let sidecar: SidecarProcess
    let port: Int

    private var token: String { ExampleWorld.secrets["HELPDESK_TOKEN"] ?? "" }

    func get(_ path: String) async throws -> JSONValue {
        let answer = try await HTTPExchange.get(path, port: port, token: token)
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.json
    }

    func items(_ path: String) async throws -> [JSONValue] { try await get(path)["items"]?.array ?? [] }

    /// Makes a ticket; returns it.
    func createTicket(_ json: String) async throws -> JSONValue {
        let answer = try await HTTPExchange.post("/api/v1/tickets", port: port, token: token, body: json)
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.json
    }

    func change(_ ticket: String, _ json: String) async throws {
        let answer = try await HTTPExchange.patch(
            "/api/v1/tickets/\(ticket)", port: port, token: token, body: json)
        #expect(answer.status == 200, "\(answer.text)")
    }

    func ticket(_ id: String) async throws -> JSONValue { try await get("/api/v1/tickets/\(id)") }

    /// The only ticket with an external key.
    func ticket(externalKey: String) async throws -> JSONValue {
        let allowed = CharacterSet.urlQueryAllowed.subtracting(CharacterSet(charactersIn: "#+&"))
        let name = externalKey.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let tickets = try await items("/api/v1/tickets?external_key=\(name)")
        #expect(tickets.count == 1, "\(externalKey)")
        return try #require(tickets.first)
    }

    /// A webhook of a service.
    func webhook(
        _ endpoint: String, _ json: String, headers: [String: String]
    ) async throws -> HTTPExchange.Answer {
        try await HTTPExchange.post("/api/webhooks/\(endpoint)", port: port, body: json, headers: headers)
    }

    /// All runs of a workflow, newest first, once there are so many and all have ended; the test's time limit bounds it.
    @discardableResult
    func ended(_ workflow: String, _ count: Int = 1) async throws -> [JSONValue] {
        while true {
            let runs = try await items("/api/v1/runs?workflow=\(workflow)&limit=200")
            #expect(runs.count <= count, "\(workflow)")
            if runs.count >= count, runs.allSatisfy({ $0["finishedAt"]?.string != nil }) { return runs }
            try Task.checkCancellation()
        }
    }

    /// A step of a run, as `runs show` has it.
    func step(_ id: String, of run: JSONValue) async throws -> JSONValue {
        let detail = try await get("/api/v1/runs/\(run["id"]?.string ?? "")")
        let steps = detail["steps"]?.array ?? []
        return try #require(steps.first { $0["step"]?.string == id }, "\(detail.text)")
    }

    /// The types of all events, oldest first.
    func events() async throws -> [String] {
        try await items("/api/v1/events?limit=200").compactMap { $0["event"]?.string }.reversed()
    }
}

/// The signatures of the services, made here by another library than the program's own code.
enum Signature {
    static func hex(_ text: String, _ secret: String) -> String {
        let key = SymmetricKey(data: Data((ExampleWorld.secrets[secret] ?? "").utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
        return code.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
