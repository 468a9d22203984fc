import Crypto
import HTTPTypes
import JSON
import Store

/// The `Idempotency-Key` of a request: its answer is kept with its effect for a day, and given again.
struct Idempotency: Sendable {
    let key: IdempotencyKey
    /// Of method, path, query and body: another request with the same key is a mistake of the client.
    private let digest: String

    /// Longest key in bytes.
    static let maximumKey = 255

    /// nil for a request without a key.
    ///
    /// - Throws: `Problem` 422 for a key that is empty or too long.
    init?(_ request: APIRequest) throws {
        guard let text = request.headers[.idempotencyKey] else { return nil }
        guard 1...Self.maximumKey ~= text.utf8.count else {
            throw Problem.invalid("`Idempotency-Key` has 1 to \(Self.maximumKey) bytes")
        }
        key = IdempotencyKey(caller: request.caller?.name ?? "", key: text)
        var hash = SHA256()
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        hash.update(data: Array("\(request.method.rawValue) \(request.path)?\(query)\n".utf8))
        request.withBody { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        digest = Hex.lowercase(Array(hash.finalize()))
    }

    /// What keeps the answer in the transaction of the effect.
    func contribution(
        now: UnixTime, _ answer: @escaping @Sendable ([AcceptedEvent]) -> APIResponse
    ) -> Contribution {
        .answer(to: key, now: now) { stored(answer($0)) }
    }

    /// An answer in the form in which it is kept.
    func stored(_ response: APIResponse) -> StoredAnswer {
        let headers = response.fields.map { ($0.name.rawName, $0.value) }
        return StoredAnswer(
            requestDigest: digest, status: response.status.code,
            headers: Dictionary(headers) { first, _ in first },
            body: String(decoding: response.body, as: UTF8.self))
    }

    /// The answer that the request got before; nil when it is new.
    func earlierAnswer(_ store: Store, now: UnixTime) async throws -> APIResponse? {
        try await store.answer(to: key, now: now).map(replay)
    }

    /// - Throws: `Problem` 409 when the answer is that of another request.
    func replay(_ answer: StoredAnswer) throws -> APIResponse {
        guard answer.requestDigest == digest else {
            throw Problem.conflict("this `Idempotency-Key` was used for another request")
        }
        var response = APIResponse(.init(code: answer.status), body: Array(answer.body.utf8))
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }
}

extension HTTPField.Name {
    static let idempotencyKey = known("Idempotency-Key")
}

extension APIRoute {
    /// A creating request, which can be repeated with a key.
    var idempotent: APIRoute {
        idempotent(conflict: "The `Idempotency-Key` was used for another request.")
    }

    /// - Parameter conflict: everything that 409 means for this route.
    func idempotent(conflict: String) -> APIRoute {
        header(
            .idempotencyKey,
            "Up to 255 bytes; a repetition within a day gets the same answer and does nothing."
        )
        .problems((.conflict, conflict))
    }
}
