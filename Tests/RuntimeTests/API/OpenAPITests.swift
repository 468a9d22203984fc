import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct OpenAPITests {
    /// The operations of the document, without parameters that have to exist.
    private func operations(_ document: JSONValue) -> [(method: String, path: String, operation: JSONValue)] {
        (document["paths"]?.object ?? [:]).flatMap { path, item in
            (item.object ?? [:]).map { ($0.key.uppercased(), path, $0.value) }
        }
    }

    private func path(_ template: String) -> String {
        template.split(separator: "/").map { $0.hasPrefix("{") ? "none" : $0 }.reduce("") { "\($0)/\($1)" }
    }

    @Test func `every documented route answers as documented, without and with a token`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { (runtime) async throws in
            let document = try await runtime.send("GET", "/api/v1/openapi.json").json
            #expect(document["openapi"] == "3.1.0")
            let operations = operations(document)
            #expect(operations.count > 30)
            for (method, template, operation) in operations {
                let isOpen = operation["security"] == nil
                let anonymous = try await runtime.send(method, path(template), json: "{}")
                if !isOpen { #expect(anonymous.status == 401, "\(method) \(template)") }
                let answer = try await runtime.send(method, path(template), token: token, json: "{}")
                let documented = operation["responses"]?.object?.keys ?? []
                #expect(documented.contains(String(answer.status)), "\(method) \(template): \(answer.status)")
                #expect(answer.status != 405 && answer.status < 500, "\(method) \(template)")
                #expect(answer.header("X-Request-Id") != nil)
            }
        }
    }

    @Test func `every reference of the document leads somewhere`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { (runtime) async throws in
            let document = try await runtime.send("GET", "/api/v1/openapi.json")
            let schemas = try document.json["components"]?["schemas"]?.object?.keys ?? []
            let references = document.text.matches(of: /"#\/components\/schemas\/([A-Za-z]+)"/)
            #expect(!references.isEmpty)
            for reference in references { #expect(schemas.contains(String(reference.output.1))) }
            let ids = try operations(document.json).compactMap { $0.operation["operationId"]?.string }
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func `another method is 405 and says which there are`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { (runtime) async throws in
            let answer = try await runtime.send("DELETE", "/api/v1/tickets", token: token)
            #expect(answer.status == 405)
            #expect(answer.header("Allow") == "GET, HEAD, POST")
            #expect(answer.header("Content-Type") == "application/problem+json")
        }
    }

    @Test func `a token without the scope is 403, a rotated one counts at once`() async throws {
        let reader = """
            ---
            kind: ApiToken
            metadata: {name: reader}
            spec: {secretRef: api-token, scopes: ["records:read"]}

            """
        try await RuntimeHarness.run(reader, secrets: ["api-token": "one"]) { (runtime) async throws in
            #expect(try await runtime.send("GET", "/api/v1/tickets", token: "one").status == 200)
            #expect(try await runtime.send("GET", "/api/v1/events", token: "one").status == 403)
            try await runtime.setSecret("api-token", "two")
            #expect(try await runtime.send("GET", "/api/v1/tickets", token: "one").status == 401)
            #expect(try await runtime.send("GET", "/api/v1/tickets", token: "two").status == 200)
        }
    }

    @Test func `a value that two tokens share allows what either does`() async throws {
        let both = """
            kind: ApiToken
            metadata: {name: a}
            spec: {secretRef: first, scopes: ["records:read"]}
            ---
            kind: ApiToken
            metadata: {name: b}
            spec: {secretRef: second, scopes: ["events:read"]}

            """
        try await RuntimeHarness.run(both, secrets: ["first": "same", "second": "same"]) {
            (runtime) async throws in
            #expect(try await runtime.send("GET", "/api/v1/tickets", token: "same").status == 200)
            #expect(try await runtime.send("GET", "/api/v1/events", token: "same").status == 200)
            #expect(try await runtime.send("GET", "/api/v1/runs", token: "same").status == 403)
        }
    }

    @Test func `before the first configuration callers are asked to come again`() async throws {
        try await RuntimeHarness.run(nil) { (runtime) async throws in
            for path in ["/api/v1/events", "/api/webhooks/inbound-email"] {
                let answer = try await runtime.send("POST", path, token: token, json: "{}")
                #expect(answer.status == 503)
                #expect(answer.header("Retry-After") != nil)
            }
            #expect(try await runtime.send("GET", "/api/v1/event-types").status == 200)
        }
    }

    @Test func `a parameter that a route does not have is 422 and the likely one is named`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { (runtime) async throws in
            let answer = try await runtime.send("GET", "/api/v1/tickets?stauts=new", token: token)
            #expect(answer.status == 422)
            #expect(try answer.json["detail"]?.string?.contains("did you mean `status`?") == true)
            #expect(try answer.json["pointer"]?.string == "/stauts")
        }
    }

    @Test func `no value of a secret is in the live configuration`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { (runtime) async throws in
            for path in ["secret-references", "api-tokens", "subscriptions", "inbound-endpoints", "live"] {
                let answer = try await runtime.send("GET", "/api/v1/\(path)", token: token)
                #expect(answer.status == 200)
                #expect(!answer.text.contains(token))
            }
        }
    }
}
