package import JSON
package import Resources

/// What a step waits for. The shell offers it the messages that fit and were stored after the run was (by the order of
/// commits, never by a clock), the oldest first, and those that come later.
package struct WaitRegistration: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        /// Messages of an endpoint with this correlation key.
        case inbound(endpoint: String, key: String)
        /// Calls of the step's own URL, which the shell derives from run and step.
        case callback
        /// Events that the pattern matches, about the record with this id.
        case event(EventPattern, record: String)
    }

    package let source: Source
    /// When the wait ends without a message; nil for never.
    package let deadline: Moment?

    package init(source: Source, deadline: Moment?) {
        self.source = source
        self.deadline = deadline
    }
}

extension WaitRegistration {
    /// As a journal has it.
    package var json: JSONValue {
        var members = sourceMembers
        members["deadline"] = deadline.map { .number(JSONNumber($0.milliseconds)) }
        return .object(members)
    }

    /// As people see it.
    var readable: JSONValue {
        var members = sourceMembers
        members["until"] = deadline.map { .string($0.description) }
        return .object(members)
    }

    private var sourceMembers: JSONObject {
        switch source {
        case .inbound(let endpoint, let key): ["inbound": .string(endpoint), "key": .string(key)]
        case .callback: ["callback": [:]]
        case .event(let pattern, let record): ["event": .string(pattern.text), "key": .string(record)]
        }
    }

    package init?(json: JSONValue) {
        if let endpoint = json["inbound"]?.string, let key = json["key"]?.string {
            source = .inbound(endpoint: endpoint, key: key)
        } else if let event = json["event"]?.string, let key = json["key"]?.string {
            source = .event(EventPattern(event), record: key)
        } else if json["callback"] != nil {
            source = .callback
        } else {
            return nil
        }
        deadline = json["deadline"]?.int.map { Moment(milliseconds: Int64($0)) }
    }
}
