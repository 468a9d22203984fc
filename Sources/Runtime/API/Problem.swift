package import HTTPTypes
import JSON

/// An error as a client sees it: `application/problem+json` (RFC 9457).
package struct Problem: Error, Sendable, Equatable {
    package var status: HTTPResponse.Status
    /// A stable word for programs; `type` is the page of the documentation that explains it.
    package var code: String
    package var title: String
    package var detail: String
    /// The field of the request that is wrong, as a JSON pointer (RFC 6901).
    package var pointer: String?
    /// Seconds after which to come again; set for 429 and 503.
    package var retryAfter: Int?
    /// Header fields that belong to the answer, such as `WWW-Authenticate`.
    package var headers = HTTPFields()

    package init(
        _ status: HTTPResponse.Status, _ code: String, _ title: String, _ detail: String,
        pointer: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.pointer = pointer
        self.retryAfter = retryAfter
    }

    /// Whether the caller is not allowed to do it, whatever it is.
    var isRefusal: Bool { status == .unauthorized || status == .forbidden }

    func json(requestID: String) -> JSONValue {
        var members: JSONObject = [
            "type": .string("https://sync.zentra.dev/problems/\(code)"), "title": .string(title),
            "status": .number(JSONNumber(status.code)), "detail": .string(detail),
            "requestId": .string(requestID),
        ]
        members["pointer"] = pointer.map(JSONValue.string)
        return .object(members)
    }
}

extension Problem {
    static let unauthorized: Problem = {
        var problem = Problem(
            .unauthorized, "unauthorized", "Unauthorized",
            "a valid token is needed: `Authorization: Bearer <token>`")
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }()

    static func forbidden(_ scope: String) -> Problem {
        Problem(.forbidden, "forbidden", "Forbidden", "the token does not have the scope `\(scope)`")
    }

    static let notFound = Problem(.notFound, "not-found", "Not found", "there is nothing at this path")

    static func notFound(_ what: String) -> Problem {
        Problem(.notFound, "not-found", "Not found", "there is no \(what)")
    }

    static func malformed(_ detail: String, pointer: String? = nil) -> Problem {
        Problem(.badRequest, "malformed", "Malformed request", detail, pointer: pointer)
    }

    static func invalid(_ detail: String, pointer: String? = nil) -> Problem {
        Problem(.unprocessableContent, "invalid", "Invalid request", detail, pointer: pointer)
    }

    static func tooLarge(_ limit: Int) -> Problem {
        Problem(.contentTooLarge, "too-large", "Content too large", "the body is larger than \(limit) bytes")
    }

    static func unsupportedMediaType(_ detail: String) -> Problem {
        Problem(.unsupportedMediaType, "unsupported-media-type", "Unsupported media type", detail)
    }

    /// Says what would have been accepted, as RFC 9110, section 15.5.16 asks for.
    static let unsupportedEncoding: Problem = {
        var problem = unsupportedMediaType(
            "the body must not be compressed: `Content-Encoding` can only be `identity`")
        problem.headers[.acceptEncoding] = "identity"
        return problem
    }()

    static let preconditionFailed = Problem(
        .preconditionFailed, "precondition-failed", "Precondition failed",
        "the record has changed since the version in `If-Match`; read it again")

    static let noConfiguration = unavailable("no configuration is live yet")

    static func unavailable(_ detail: String) -> Problem {
        Problem(.serviceUnavailable, "unavailable", "Service unavailable", detail, retryAfter: 5)
    }
}
