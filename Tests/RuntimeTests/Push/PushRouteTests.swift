import HTTPTypes
import Hummingbird
import NIOCore
import Store
import Synchronization
import Testing

@testable import Runtime

/// `POST /api/v1/sync/push`.
struct PushRouteTests {
    /// The answer to a push of GitLab with a token, and whether the sync loop was told of it.
    private func push(_ more: HTTPFields, token: String = "token") async throws -> (APIResponse, Bool) {
        let told = Mutex(false)
        let routes = PushRoutes(
            secret: { .success(SecretValue(Array("token".utf8))) }, clock: SystemClock(),
            onPush: { told.withLock { $0 = true } })
        var fields: HTTPFields = [
            try #require(HTTPField.Name("X-Gitlab-Event")): "Push Hook",
            try #require(HTTPField.Name("X-Gitlab-Token")): token,
        ]
        fields.append(contentsOf: more)
        let route = try #require(routes.all.first)
        let head = HTTPRequest(
            method: .post, scheme: nil, authority: nil, path: route.path, headerFields: fields)
        let received = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let request = APIRequest(
            method: .post, path: route.path, parameters: [:], query: [], headers: fields, body: ByteBuffer(),
            stream: BodyStream(received, timeout: .seconds(1)) {}, caller: nil, id: "req_1")
        return (try await route.handler(request), told.withLock { $0 })
    }

    @Test(arguments: [nil, "identity"])
    func `a verified push makes the sync loop look`(_ coding: String?) async throws {
        let (response, told) = try await push(coding.map { [.contentEncoding: $0] } ?? [:])
        #expect(response.status == .accepted)
        #expect(told)
    }

    @Test func `a body in a coding is refused like everywhere, once it is clear who sends it`() async throws {
        let gzip: HTTPFields = [.contentEncoding: "gzip"]
        let refused = await #expect(throws: Problem.self) { try await push(gzip) }
        #expect(refused == .unsupportedEncoding)
        let unknown = await #expect(throws: Problem.self) { try await push(gzip, token: "wrong") }
        #expect(unknown?.status == .unauthorized)
    }
}
