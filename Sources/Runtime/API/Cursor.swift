import JSON
import Store

/// A place in a list, newest first by commit sequence: opaque for clients, URL-safe, valid while rows are added.
enum Cursor {
    static func text(_ sequence: CommitSequence) -> String { "c" + String(sequence.value, radix: 36) }

    static func parse(_ text: String) throws -> CommitSequence {
        guard text.hasPrefix("c"), let value = Int64(text.dropFirst(), radix: 36), value > 0 else {
            throw Problem.invalid("`cursor` is not one that this API gave out", pointer: "/cursor")
        }
        return CommitSequence(value)
    }
}

/// The common parameters of lists.
struct ListParameters {
    let limit: Int
    let before: CommitSequence?

    static let defaultLimit = 50
    static let maximumLimit = 200

    init(_ request: APIRequest) throws {
        let limit = request.query("limit").map { Int($0) ?? 0 } ?? Self.defaultLimit
        guard 1...Self.maximumLimit ~= limit else {
            throw Problem.invalid("`limit` is a number from 1 to \(Self.maximumLimit)", pointer: "/limit")
        }
        self.limit = limit
        before = try request.query("cursor").map(Cursor.parse)
    }
}

extension APIResponse {
    /// `{"items":[…],"nextCursor":…}`.
    static func page<Item>(_ page: Page<Item>, _ item: (Item) -> JSONValue) -> APIResponse {
        .json(PageJSON.value(page, item))
    }
}

extension APIRequest {
    /// A time in a query parameter: RFC 3339.
    func time(_ name: String) throws -> UnixTime? {
        guard let text = query(name) else { return nil }
        guard let time = UnixTime(rfc3339: text) else {
            throw Problem.invalid(
                "`\(name)` is not a time of RFC 3339, such as 2026-05-05T11:45:07Z", pointer: "/\(name)")
        }
        return time
    }
}
