package import JSON
package import Store

/// Deliveries as the API and the command line show them.
package enum DeliveryJSON {
    package static func object(_ delivery: Delivery) -> JSONObject {
        [
            "id": .string(delivery.id.text), "subscription": .string(delivery.subscription),
            "event": .string(delivery.eventID.text), "eventType": .string(delivery.eventType),
            "status": .string(delivery.status.rawValue), "attempts": .number(JSONNumber(delivery.attempts)),
            "createdAt": .string(delivery.createdAt.description), "finishedAt": time(delivery.finishedAt),
            "nextAttemptAt": time(delivery.nextAttempt),
            "lastStatusCode": delivery.lastStatusCode.map { .number(JSONNumber($0)) } ?? .null,
            "lastErrorClass": delivery.lastErrorClass.map(JSONValue.string) ?? .null,
            "lastError": delivery.lastError.map(JSONValue.string) ?? .null,
        ]
    }

    package static func object(_ detail: DeliveryDetail) -> JSONObject {
        var members = object(detail.delivery)
        members["requestBody"] =
            Payload.bytes(of: detail).map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null
        members["attemptLog"] = .array(detail.attempts.map(value))
        return members
    }

    private static func value(_ attempt: Attempt) -> JSONValue {
        [
            "number": .number(JSONNumber(attempt.number)),
            "startedAt": .string(attempt.startedAt.description),
            "outcome": .string(attempt.outcome.rawValue),
            "statusCode": attempt.statusCode.map { .number(JSONNumber($0)) } ?? .null,
            "errorClass": attempt.errorClass.map(JSONValue.string) ?? .null,
            "error": attempt.error.map(JSONValue.string) ?? .null,
            // Written by this program when the attempt was recorded.
            "timing": (try? JSONValue(parsing: attempt.timing)) ?? .null,
            "headers": attempt.headers.flatMap { try? JSONValue(parsing: $0) } ?? .null,
            "body": attempt.body.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
            "truncated": .bool(attempt.isTruncated),
        ]
    }

    private static func time(_ time: UnixTime?) -> JSONValue { time.map { .string($0.description) } ?? .null }
}
