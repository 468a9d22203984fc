package import JSON

/// What a step does.
package indirect enum WorkflowAction: Sendable, Hashable {
    case http(Request)
    case waitFor(Wait)
    case sleep(Sleep)
    case branch([Case], otherwise: [WorkflowStep])
    case parallel([Branch], failFast: Bool)
    case forEach(ForEach)
    case call(workflow: String, with: JSONObject)
    case create(RecordType, set: JSONObject)
    case update(RecordType, Selector, set: JSONObject)
    case upsert(RecordType, Selector, set: JSONObject, onCreate: JSONObject)
    case find(RecordType, match: JSONObject)
    case emit(type: String, data: JSONValue)
    case fail(message: String)
    case set(JSONObject)

    package struct Request: Sendable, Hashable {
        package enum Authentication: Sendable, Hashable {
            case bearer(String)
            case basic(username: String, password: String)
        }

        package let method: String
        package let url: String
        package let headers: JSONObject
        package let query: JSONObject
        package let authentication: Authentication?
        package let body: JSONValue?
        package let expect: String?
        /// A request whose outcome is unknown is not sent again.
        package let isAtMostOnce: Bool
    }

    package struct Wait: Sendable, Hashable {
        package enum Source: Sendable, Hashable {
            /// The name of the endpoint.
            case inbound(String)
            case callback
            case event(EventPattern)
        }

        /// A named condition.
        package struct Choice: Sendable, Hashable {
            package let name: String
            package let condition: String
        }

        package let source: Source
        package let key: String?
        package let match: String?
        package let anyOf: [Choice]
        package let timeout: Duration?
        package let continuesOnTimeout: Bool
    }

    package enum Sleep: Sendable, Hashable {
        case duration(Duration)
        /// CEL that yields a time.
        case until(String)
    }

    package struct Case: Sendable, Hashable {
        package let condition: String
        package let steps: [WorkflowStep]
    }

    package struct Branch: Sendable, Hashable {
        package let name: String
        package let steps: [WorkflowStep]
    }

    package struct ForEach: Sendable, Hashable {
        package let items: String
        package let name: String
        package let concurrency: Int
        package let failFast: Bool
        package let steps: [WorkflowStep]
    }

    /// Which record.
    package enum Selector: Sendable, Hashable {
        /// A template for the id or key.
        case id(String)
        case match(JSONObject)
    }
}
