import Foundation
import JSON
import Testing

/// SendGrid's signature over a form that is no text: its fields are in charsets of their own, its file is binary.
@Suite(.timeLimit(.minutes(5))) struct SendGridSignatureTests {
    private static let endpoint =
        adminToken + """
            ---
            kind: InboundEndpoint
            metadata: {name: inbound-email}
            spec: {type: email, verify: {sendgridSignature: {publicKeyRef: key}}}

            """
    private static let key =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuI/2dl3aRriKSgYh/ppCUlXB1zxOrR/llmBaBrBPLV5JSvIHhEnBw4z2YqQfLtYnRjHsPBNdZMdcIP+Uj6S/sQ=="
    private static let signature =
        "MEUCIFnjrwk6uRUfojAk+n0Z066fuMKSc8HJ8l1vSX84DVkeAiEAq6ZQnMMh6EN8Omd8AHxgVVWgO2bA8WxgSV4laAHKndM="
    private static let body = """
        LS14WXpaWQ0KQ29udGVudC1EaXNwb3NpdGlvbjogZm9ybS1kYXRhOyBuYW1lPSJ0byINCg0KaW5AcGFyc2UuZXhhbXBsZS5jb20NCi0t\
        eFl6WlkNCkNvbnRlbnQtRGlzcG9zaXRpb246IGZvcm0tZGF0YTsgbmFtZT0ic3ViamVjdCINCg0KY2Fm6Q0KLS14WXpaWQ0KQ29udGVu\
        dC1EaXNwb3NpdGlvbjogZm9ybS1kYXRhOyBuYW1lPSJjaGFyc2V0cyINCg0KeyJ0byI6IlVURi04Iiwic3ViamVjdCI6Imlzby04ODU5\
        LTEifQ0KLS14WXpaWQ0KQ29udGVudC1EaXNwb3NpdGlvbjogZm9ybS1kYXRhOyBuYW1lPSJhdHRhY2htZW50MSI7IGZpbGVuYW1lPSJw\
        LnBuZyINCkNvbnRlbnQtVHlwZTogaW1hZ2UvcG5nDQoNColQTkcNChoKAP/+DQotLXhZelpZLS0NCg==
        """

    @Test func `a signed form is accepted as it is, and nothing else`() async throws {
        let body = Array(try #require(Data(base64Encoded: Self.body)))
        try await RuntimeHarness.run(Self.endpoint, secrets: ["api-token": token, "key": Self.key]) {
            (runtime) async throws in
            func post(
                _ body: [UInt8], time: String = "1771000000", signature: String = Self.signature
            ) async throws -> TestAnswer {
                try await runtime.send(
                    "POST", "/api/webhooks/inbound-email",
                    headers: [
                        "Content-Type": "multipart/form-data; boundary=xYzZY",
                        "X-Twilio-Email-Event-Webhook-Timestamp": time,
                        "X-Twilio-Email-Event-Webhook-Signature": signature,
                    ], body: body)
            }
            #expect(try await post(body + [10]).status == 401)
            // Read as text and written again.
            #expect(try await post(Array(String(decoding: body, as: UTF8.self).utf8)).status == 401)
            #expect(try await post(body, time: "1771000001").status == 401)
            #expect(try await post(body, time: "177100000").status == 401)
            #expect(try await post(body, signature: "").status == 401)
            #expect(try await runtime.all("/api/v1/tickets").isEmpty)

            let answer = try await post(body)
            #expect(answer.status == 202)
            let key = try answer.json["ticket"]?["key"]?.string ?? ""
            let ticket = try await runtime.send("GET", "/api/v1/tickets/\(key)", token: token).json
            #expect(ticket["subject"] == "café")
            let path = "/api/v1/tickets/\(key)/attachments"
            let file = try await runtime.all(path)[0]
            #expect(file["file_name"] == "p.png")
            let content = try await runtime.send("GET", "\(path)/\(file["id"]?.string ?? "")", token: token)
            #expect(content.body == [0x89, 0x50, 0x4E, 0x47, 13, 10, 0x1A, 10, 0, 0xFF, 0xFE])
        }
    }
}
