import HTTPTypes
import JSON

/// What a route's handler answers.
package struct APIResponse: Sendable {
    var status: HTTPResponse.Status
    var contentType: String?
    /// Besides the content type.
    var headers = HTTPFields()
    var body: [UInt8]
    /// A file that is sent instead of `body`.
    var file: FileBody?

    init(_ status: HTTPResponse.Status, body: [UInt8] = [], contentType: String? = nil) {
        self.status = status
        self.body = body
        self.contentType = contentType
    }

    /// All header fields that are its own.
    var fields: HTTPFields {
        guard let contentType else { return headers }
        var fields = headers
        fields[.contentType] = contentType
        return fields
    }

    static func json(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> APIResponse {
        APIResponse(status, body: value.utf8, contentType: "application/json")
    }

    static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> APIResponse {
        APIResponse(status, body: Array(text.utf8), contentType: "text/plain; charset=utf-8")
    }

    static func problem(_ problem: Problem, requestID: String) -> APIResponse {
        var response = APIResponse(
            problem.status, body: problem.json(requestID: requestID).utf8,
            contentType: "application/problem+json")
        if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
        response.headers.append(contentsOf: problem.headers)
        return response
    }
}
