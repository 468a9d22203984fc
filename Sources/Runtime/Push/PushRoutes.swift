import HTTPTypes
import JSON
import NIOCore
import Resources
package import Store
import Synchronization

/// `POST /api/v1/sync/push`: a git host says that something was pushed, and the sync loop looks now.
///
/// What was pushed is not read from the request: the fetch that follows sees it. So a message that comes late, twice or
/// for another branch costs one look.
package struct PushRoutes: Sendable {
    /// Reads the secret again for every request, so a rotated one needs no restart.
    private let secret: @Sendable () -> Result<SecretValue, SecretProblem>
    private let clock: any WallClock
    private let limiter = Limiter()
    private let onPush: @Sendable () -> Void

    /// GitHub and GitLab send at most 25 MB.
    private static let bodyLimit = 25 << 20
    /// Requests a second, however they are signed; checking a signature costs time.
    static let rate = 20.0

    /// - Parameters:
    ///   - secretFile: absolute; the secret that the git host signs with.
    ///   - onPush: called after a verified push; many calls before the next look are one.
    package init(secretFile: String, clock: any WallClock, onPush: @escaping @Sendable () -> Void) {
        self.init(
            secret: { SecretReader(folders: nil).read(.file(secretFile)) }, clock: clock, onPush: onPush)
    }

    init(
        secret: @escaping @Sendable () -> Result<SecretValue, SecretProblem>, clock: any WallClock,
        onPush: @escaping @Sendable () -> Void
    ) {
        self.secret = secret
        self.clock = clock
        self.onPush = onPush
    }

    package var all: [APIRoute] {
        var route = APIRoute(
            .post, "/api/v1/sync/push", .open,
            "Takes a push webhook of GitHub, GitLab, Gitea, Forgejo or Bitbucket, and syncs now.",
            handler: receive)
        route.streamsBody = true
        return [
            route
                .accepts(APISchema.any)
                .answers(
                    .accepted, "Verified; `sync` says whether it was a push.",
                    APISchema.object(["sync": ["type": "boolean"]])
                )
                .problems(
                    (.unauthorized, "The request could not be verified."),
                    (.tooManyRequests, "Too many requests."),
                    (.serviceUnavailable, "The secret cannot be read."))
        ]
    }

    private func receive(_ request: APIRequest) async throws -> APIResponse {
        guard limiter.take(now: clock.now()) else {
            throw Problem(
                .tooManyRequests, "too-many-requests", "Too many requests", "come again later", retryAfter: 1)
        }
        guard case .success(let secret) = secret() else {
            throw Problem.unavailable("the secret of push webhooks cannot be read now")
        }
        guard let host = PushVerification.host(of: request.headers) else { throw Self.unverified }
        try Self.checkForm(host, request.headers)
        let check = PushVerification.check(host, request.headers, secret, now: clock.now())
        if case .refused = check { throw Self.unverified }
        try request.headers.checkContentEncoding()
        if case .needsBody(let verification) = check {
            let verifier = Verifier(verification)
            try await request.stream.forEach(limit: Self.bodyLimit) { chunk in
                chunk.withUnsafeReadableBytes { verifier.update($0) }
            }
            guard verifier.isValid else { throw Self.unverified }
        }
        let isPush = PushVerification.isPush(host, request.headers)
        if isPush { onPush() }
        return .json(["sync": .bool(isPush)], .accepted)
    }

    /// Gitea signs the JSON inside of a form, not the form.
    private static func checkForm(_ host: PushVerification.Host, _ headers: HTTPFields) throws {
        guard host == .gitea, let type = headers[.contentType], !MediaType(type).isJSON else { return }
        throw Problem.unsupportedMediaType("set the webhook's content type to `application/json`")
    }

    /// Without a hint which part was wrong.
    private static let unverified = Problem(
        .unauthorized, "unauthorized", "Unauthorized", "the request could not be verified")

    /// One bucket for all callers.
    private final class Limiter: Sendable {
        private let bucket = Mutex(TokenBucket(rate: PushRoutes.rate))

        func take(now: UnixTime) -> Bool { bucket.withLock { $0.take(now: now) } }
    }

    /// The signature as the body passes by.
    private final class Verifier: Sendable {
        private let state: Mutex<BodyVerification>

        init(_ verification: BodyVerification) { state = Mutex(verification) }

        func update(_ bytes: UnsafeRawBufferPointer) {
            // The buffer is only valid here.
            let copy = [UInt8](bytes)
            state.withLock { state in copy.withUnsafeBytes { state.update($0) } }
        }

        var isValid: Bool { state.withLock(\.isValid) }
    }
}
