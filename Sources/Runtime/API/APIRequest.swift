import HTTPTypes
import JSON
import NIOCore
package import Resources

/// A request as a route's handler sees it.
package struct APIRequest: Sendable {
    let method: HTTPRequest.Method
    /// As it was sent, without the query.
    let path: String
    /// The variable parts of the path, percent-decoded.
    let parameters: [String: String]
    let query: [(name: String, value: String)]
    let headers: HTTPFields
    /// The whole body; empty for a route without one and for one that reads the stream itself.
    let body: ByteBuffer
    let stream: BodyStream
    /// nil for a route that needs no token.
    let caller: Caller?
    let id: String

    /// A variable part of the path.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The first value of a query parameter; nil when it is absent.
    func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// A query parameter that is `true` or `false`; false when it is absent.
    ///
    /// - Throws: `Problem` 422.
    func flag(_ name: String) throws -> Bool {
        switch query(name) {
        case nil, "false"?: return false
        case "true"?: return true
        default: throw Problem.invalid("`\(name)` is `true` or `false`", pointer: "/\(name)")
        }
    }

    /// A query parameter that is one of the values of an enumeration; nil when it is absent.
    ///
    /// - Throws: `Problem` 422, which names the values.
    func choice<Value: CaseIterable & RawRepresentable<String>>(_ name: String) throws -> Value? {
        guard let text = query(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw Problem.invalid("`\(name)` is one of \(known)", pointer: "/\(name)")
        }
        return value
    }

    /// Reads the body without copying it.
    func withBody<Result>(_ read: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try body.withUnsafeReadableBytes { try read($0.bindMemory(to: UInt8.self)) }
    }

    /// The body as JSON.
    ///
    /// - Throws: `Problem` 400; 415 when the content type says that it is something else.
    func json() throws -> JSONValue {
        if let type = headers[.contentType], !MediaType(type).isJSON {
            throw Problem.unsupportedMediaType("the body has to be `application/json`")
        }
        do {
            return try JSONValue(parsing: body.readableBytesView, limits: .received)
        } catch {
            throw Problem.malformed("the body is not JSON: \(error)")
        }
    }
}

/// Who calls.
package struct Caller: Sendable, Equatable {
    /// The name of the `ApiToken`, or `local` for a command beside the process.
    package let name: String
    package let scopes: [Scope]

    func allows(_ scope: Scope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }
}
