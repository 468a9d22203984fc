import Glibc
import JSON
import Store
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(5))) struct ReadinessTests {
    @Test func `is ready once a configuration is live`() async throws {
        try await RuntimeHarness.run(nil) { runtime in
            let before = try await runtime.send("GET", "/readyz")
            #expect(before.status == 503)
            #expect(try before.json["detail"] == "no configuration is live yet")
            try await runtime.apply(adminToken, secrets: ["api-token"])
            #expect(try await runtime.send("GET", "/readyz").status == 200)
        }
    }

    /// As long as what comes in is refused.
    @Test func `is not ready while the state is not where it was opened`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            let path = runtime.store.path.file
            #expect(rename(path, path + "-moved") == 0)
            for answer in [
                try await runtime.send("GET", "/readyz"), try await runtime.sendAdmin("GET", "/readyz"),
                try await runtime.send(
                    "POST", "/api/v1/events", token: token, json: #"{"event":"ticket.created","data":{}}"#),
            ] {
                #expect(answer.status == 503)
                let detail = try answer.json["detail"]?.string
                #expect(detail?.hasPrefix("a file of the state was moved, replaced or removed") == true)
            }
            #expect(rename(path + "-moved", path) == 0)
            #expect(try await runtime.send("GET", "/readyz").status == 200)
        }
    }
}
