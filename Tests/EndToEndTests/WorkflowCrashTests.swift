import Foundation
import JSON
import TestSupport
import Testing

@Suite("Workflows killed in the middle", .timeLimit(.minutes(5)))
struct WorkflowCrashTests {
    @Test func `a request that was out is sent again with the same key, and what follows happens once`()
        async throws
    {
        let gate = Gate()
        let receiver = try Workspace.receiver(behind: gate)
        let world = try await Workspace(
            workflow: """
                  steps:
                    - id: call
                      timeout: 5m
                      http: {url: "\(receiver.url)", headers: {X-Key: "${secrets['canary']}"}, body: {id: "${event.data.id}"}}
                    - id: assign
                      update: {record: ticket, id: "${event.data.id}", set: {status: in_progress}}
                """)
        let (second, newPort, ticket) = try await world.killed(behind: gate, at: receiver)
        let run = try await Workspace.run(newPort) { $0["status"]?.string == "succeeded" }
        let requests = receiver.requests
        #expect(requests.count == 2)
        #expect(requests[0]["Idempotency-Key"]?.isEmpty == false)
        #expect(requests[0]["Idempotency-Key"] == requests[1]["Idempotency-Key"])
        #expect(requests.map(\.body)[0] == requests.map(\.body)[1])
        #expect(requests.map { $0["X-Key"] } == [Workspace.canary, Workspace.canary])
        #expect(
            try await Workspace.get("/api/v1/tickets/\(ticket)", newPort)["status"]?.string == "in_progress")
        let changes = try await Workspace.get("/api/v1/events", newPort)["items"]?.array ?? []
        #expect(changes.count { $0["event"]?.string == "ticket.status_changed" } == 1)

        let shown = try await world.run("runs", "show", run["id"]?.string ?? "", "--format", "json")
        #expect(shown.status == 0, "\(shown)")
        #expect(!shown.output.contains(Workspace.canary))
        #expect(shown.output.contains("secret:canary"))
        #expect(await second.stop() == 0)
        for file in try FileManager.default.contentsOfDirectory(atPath: world.folder.path) {
            let path = world.folder.appending(file)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
            else {
                continue
            }
            let bytes = try Data(contentsOf: URL(filePath: path))
            #expect(bytes.range(of: Data(Workspace.canary.utf8)) == nil, "\(file)")
        }
    }

    @Test func `a timer that was running goes off in the next process, and not early`() async throws {
        // On a machine so slow that the process outlives its timer, a longer one tells.
        for seconds in [5, 20, 80] where try await timerOutlivesProcess(seconds) { return }
        Issue.record("every timer went off before its process was killed")
    }

    /// Whether the timer still ran when the first process was killed; if so, it is checked.
    private func timerOutlivesProcess(_ seconds: Int) async throws -> Bool {
        let receiver = try StubReceiver()
        let world = try await Workspace(
            workflow: """
                  steps:
                    - id: nap
                      sleep: {for: \(seconds)s}
                    - id: call
                      http: {url: "\(receiver.url)"}
                """)
        let (first, port) = try await world.workflowSidecar()
        _ = try await Workspace.createTicket(port)
        let waiting = try await Workspace.run(port) {
            ["waiting", "succeeded"].contains($0["status"]?.string)
        }
        await first.kill()
        guard waiting["status"]?.string == "waiting" else { return false }

        let (second, newPort) = try await world.workflowSidecar()
        let run = try await Workspace.run(newPort) { $0["status"]?.string == "succeeded" }
        let detail = try await Workspace.get("/api/v1/runs/\(run["id"]?.string ?? "")", newPort)
        let call = detail["steps"]?.array?.last
        #expect(try moment(call?["startedAt"]) >= (try moment(waiting["wakeAt"])))
        #expect(Set(receiver.requests.map { $0["Idempotency-Key"] ?? "" }).count == 1)
        #expect(await second.stop() == 0)
        return true
    }

    /// RFC 3339 in UTC, with milliseconds unless they are zero; texts of one precision compare like times.
    private func moment(_ value: JSONValue?) throws -> String {
        let text = try #require(value?.string)
        return text.contains(".") ? text : text.replacing("Z", with: ".000Z")
    }

    @Test func `a callback that was answered resumes its run, whenever the process is killed after it`()
        async throws
    {
        let receiver = try StubReceiver()
        let world = try await Workspace(
            workflow: """
                  steps:
                    - id: call
                      http: {url: "\(receiver.url)", body: {url: "${callbacks.ack.url}"}}
                    - id: ack
                      waitFor: {callback: {}, timeout: 1h}
                    - id: assign
                      update: {record: ticket, id: "${event.data.id}", set: {assignee: "${steps.ack.outputs.message.data.who}"}}
                """)
        let (first, port) = try await world.workflowSidecar()
        let ticket = try await Workspace.createTicket(port)
        let body = try await receiver.requests(1)[0].body
        let url = try JSONValue(parsing: body)["url"]?.string ?? ""
        let path = try #require(URL(string: url)?.path)
        // Whether the run waits for it by now does not matter.
        let answer = try await HTTPExchange.post(path, port: port, body: #"{"who":"ann"}"#)
        #expect(answer.status == 202, "\(answer.text)")
        await first.kill()

        let (second, newPort) = try await world.workflowSidecar()
        _ = try await Workspace.run(newPort) { $0["status"]?.string == "succeeded" }
        let again = try await HTTPExchange.post(path, port: newPort, body: #"{"who":"bob"}"#)
        #expect(again.status == 200, "\(again.text)")
        #expect(try await Workspace.get("/api/v1/tickets/\(ticket)", newPort)["assignee"]?.string == "ann")
        #expect(await second.stop() == 0)
    }
}
