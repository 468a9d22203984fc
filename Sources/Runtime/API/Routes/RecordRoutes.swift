import HTTPTypes
import JSON
import Resources
import Store

/// `/api/v1/tickets`, `changes`, `problems` and `assets`: the records of one type.
struct RecordRoutes {
    let type: RecordType
    let store: Store
    let writer: RecordWriter
    let clock: any WallClock
    let maxBody: Int

    private var path: String { "/api/v1/\(type.rawValue)s" }
    private var noun: String { type.rawValue }
    private var schema: String { APISchema.componentName(type) }
    private var one: JSONValue { APISchema.named(schema) }

    var all: [APIRoute] { [list, create, show, update, history] }

    private var list: APIRoute {
        var route = APIRoute(.get, path, .scope(.recordsRead), "Lists \(noun)s, newest first.") { request in
            let parameters = try ListParameters(request)
            let filter = try self.filter(request)
            let page = try await store.records(filter, before: parameters.before, limit: parameters.limit)
            return .page(page) { RecordJSON.value($0) }
        }
        .lists(one)
        for (name, schema) in filters { route = route.query(name, schema, "Only with this `\(name)`.") }
        return route.query("since", APISchema.time, "Only those made at that time or later.")
    }

    private var create: APIRoute {
        APIRoute(.post, path, .scope(.recordsWrite), "Makes \(type.withArticle).", bodyLimit: maxBody) {
            request in
            let idempotency = try Idempotency(request)
            let now = clock.now()
            if let answer = try await idempotency?.earlierAnswer(store, now: now) { return answer }
            let outcome = try await writer.create(
                type, RecordInput(try request.json(), of: type), actor: request.actor
            ) { row in
                idempotency.map { [$0.contribution(now: now) { _ in created(row) }] } ?? []
            }
            switch outcome {
            case .repeated(let answer):
                return try idempotency?.replay(answer) ?? .problem(.notFound, requestID: "")
            case .written(let row), .unchanged(let row): return created(row)
            case .notFound, .conflict: throw Problem.preconditionFailed
            }
        }
        .accepts(APISchema.named("New\(schema)"))
        .answers(.created, "Made.", one, headers: [.location, .eTag])
        .idempotent
    }

    private var show: APIRoute {
        APIRoute(.get, "\(path)/{id}", .scope(.recordsRead), "Shows \(type.withArticle) by its id or key.") {
            request in
            .record(try await store.existing(type, request))
        }
        .answers(.ok, "The \(noun).", one, headers: [.eTag])
        .problems((.notFound, "There is no such \(noun)."))
    }

    private var update: APIRoute {
        APIRoute(
            .patch, "\(path)/{id}", .scope(.recordsWrite),
            "Changes fields of \(type.withArticle); members of `custom` replace members, null removes.",
            bodyLimit: maxBody
        ) { request in
            let input = try RecordInput(try request.json(), of: type)
            let condition = request.headers[.ifMatch].map(ETagCondition.init)
            let outcome = try await writer.update(type, request.parameter("id"), input, actor: request.actor)
            {
                condition?.allows($0) ?? true
            }
            switch outcome {
            case .written(let row), .unchanged(let row): return .record(row)
            case .notFound: throw Problem.notFound("\(noun) `\(request.parameter("id"))`")
            case .conflict, .repeated: throw Problem.preconditionFailed
            }
        }
        .header(.ifMatch, "The `ETag` of the version that is changed; another current version is 412.")
        .accepts(APISchema.named("\(schema)Patch"))
        .accepts(APISchema.named("\(schema)Patch"), as: "application/merge-patch+json")
        .answers(.ok, "The \(noun) as it is now.", one, headers: [.eTag])
        .problems(
            (.notFound, "There is no such \(noun)."),
            (.preconditionFailed, "The \(noun) has changed since the version in `If-Match`."))
    }

    private var history: APIRoute {
        APIRoute(
            .get, "\(path)/{id}/history", .scope(.recordsRead),
            "Lists what changed in \(type.withArticle), newest first."
        ) { request in
            let parameters = try ListParameters(request)
            let row = try await store.existing(type, request)
            let page = try await store.changes(
                of: row.sequence, before: parameters.before, limit: parameters.limit)
            return .page(page, RecordJSON.value)
        }
        .lists(APISchema.named("HistoryEntry"))
        .problems((.notFound, "There is no such \(noun)."))
    }

    private func created(_ row: RecordRow) -> APIResponse {
        var response = APIResponse.record(row, .created)
        response.headers[.location] = "\(path)/\(row.id)"
        return response
    }

    // MARK: Filters

    /// The filters of this type with what may stand in them.
    private var filters: [(name: String, schema: JSONValue)] {
        let known = [
            RecordRules.of(type).statusField, "priority", "assignee", "team_id", "requester_email",
            "external_key",
        ]
        return known.compactMap { name in
            guard let field = type.fields.first(where: { $0.name == name }) else { return nil }
            guard case .enumeration(let values) = field.type else { return (name, APISchema.string) }
            return (name, APISchema.choice(values))
        }
    }

    private func filter(_ request: APIRequest) throws -> RecordFilter {
        var filter = RecordFilter(type: type.rawValue)
        for (name, schema) in filters {
            guard let value = request.query(name) else { continue }
            if let choices = schema["enum"]?.array, !choices.contains(.string(value)) {
                let known = choices.compactMap(\.string).map { "`\($0)`" }.joined(separator: ", ")
                throw Problem.invalid("`\(name)` is one of \(known)", pointer: "/\(name)")
            }
            switch name {
            case "priority": filter.priority = value
            case "assignee": filter.assignee = value
            case "team_id": filter.teamID = value
            case "requester_email": filter.requesterEmail = value
            case "external_key": filter.externalKey = value
            default: filter.status = value
            }
        }
        filter.since = try request.time("since")
        return filter
    }
}

extension Store {
    /// The record that a path names.
    ///
    /// - Throws: `Problem` 404.
    func existing(_ type: RecordType, _ request: APIRequest) async throws -> RecordRow {
        let name = request.parameter("id")
        guard let row = try await record(name, type: type.rawValue) else {
            throw Problem.notFound("\(type.rawValue) `\(name)`")
        }
        return row
    }
}

extension APIRequest {
    /// Who writes, for the history and the events.
    var actor: String { "token:\(caller?.name ?? "")" }
}

extension APIResponse {
    static func record(_ row: RecordRow, _ status: HTTPResponse.Status = .ok) -> APIResponse {
        var response = APIResponse(status, body: Array(row.data.utf8), contentType: "application/json")
        response.headers[.eTag] = ETagCondition.tag(row.version)
        return response
    }
}

/// `If-Match` (RFC 9110, section 13.1.1): a list of entity tags, or `*`. The tag of a record is its version.
struct ETagCondition: Sendable {
    private let tags: Set<String>

    init(_ header: String) { tags = Set(header.split(separator: ",").map { String($0).trimmingSpaces }) }

    func allows(_ version: Int) -> Bool { tags.contains("*") || tags.contains(Self.tag(version)) }

    static func tag(_ version: Int) -> String { "\"\(version)\"" }
}
