import Foundation
import GRDB

/// What a delivery has come to.
package enum DeliveryStatus: String, Sendable, CaseIterable {
    case pending, delivered, failed, exhausted, cancelled, expired

    /// Those of deliveries that have come to their end.
    package static let finished = allCases.filter { $0 != .pending }
}

/// Which queue of its subscription a pending delivery waits in.
enum Lane: Int, Sendable {
    case first = 0
    case retry = 1
    /// Behind an older delivery with the same order key.
    case blocked = 2
}

/// A delivery as lists and `show` see it.
package struct Delivery: Sendable, Equatable {
    package let sequence: CommitSequence
    package let id: DeliveryID
    package let eventID: EventID
    package let eventType: String
    package let subscription: String
    package let status: DeliveryStatus
    package let attempts: Int
    /// When a pending one is tried next; nil for one that waits for its first attempt, and for finished ones.
    package let nextAttempt: UnixTime?
    package let createdAt: UnixTime
    package let finishedAt: UnixTime?
    /// Status code, class of error and message of the latest attempt whose detail is kept.
    package let lastStatusCode: Int?
    package let lastErrorClass: String?
    package let lastError: String?

    init(_ row: Row) {
        sequence = CommitSequence(row["seq"])
        id = DeliveryID(row["id"])
        eventID = EventID(row["event_id"])
        eventType = row["event_type"]
        subscription = row["subscription"]
        status = DeliveryStatus(rawValue: row["effective_status"]) ?? .pending
        attempts = row["attempts"]
        let next: Int64 = row["next_attempt_ms"]
        nextAttempt = status == .pending && next > 0 ? UnixTime(milliseconds: next) : nil
        createdAt = UnixTime(milliseconds: row["created_ms"])
        finishedAt = (row["finished_ms"] as Int64?).map(UnixTime.init(milliseconds:))
        lastStatusCode = row["status_code"]
        lastErrorClass = row["error_class"]
        lastError = row["error"]
    }
}

/// One request that was made, or refused before it was made.
package final class Attempt: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        case delivered, retry, failed, exhausted
    }

    /// Counts from 1, as `X-Zentra-Attempt` does; 0 says why a delivery could not be made.
    package let number: Int
    package let startedAt: UnixTime
    package let outcome: Outcome
    package let statusCode: Int?
    /// `dns`, `connect`, `tls`, `timeout`, `reset`, `status`, `blocked`, `secret`, …; nil when delivered.
    package let errorClass: String?
    package let error: String?
    /// JSON object of microseconds: `dns`, `connect`, `tls`, `firstByte`, `total`; absent parts did not happen.
    package let timing: String
    /// JSON array of `[name, value]` pairs of the response.
    package let headers: String?
    /// What was captured of the response's body.
    package let body: [UInt8]?
    package let isTruncated: Bool

    package init(
        number: Int, startedAt: UnixTime, outcome: Outcome, statusCode: Int? = nil, errorClass: String? = nil,
        error: String? = nil, timing: String = "{}", headers: String? = nil, body: [UInt8]? = nil,
        isTruncated: Bool = false
    ) {
        self.number = number
        self.startedAt = startedAt
        self.outcome = outcome
        self.statusCode = statusCode
        self.errorClass = errorClass
        self.error = error
        self.timing = timing
        self.headers = headers
        self.body = body
        self.isTruncated = isTruncated
    }

    convenience init(_ row: Row) {
        self.init(
            number: row["number"], startedAt: UnixTime(milliseconds: row["started_ms"]),
            outcome: Outcome(rawValue: row["outcome"]) ?? .failed, statusCode: row["status_code"],
            errorClass: row["error_class"], error: row["error"], timing: row["timing"],
            headers: row["headers"],
            body: (row["body"] as Data?).map(Array.init), isTruncated: row["is_truncated"])
    }

    package static func == (left: Attempt, right: Attempt) -> Bool {
        left.number == right.number && left.startedAt == right.startedAt && left.outcome == right.outcome
            && left.statusCode == right.statusCode && left.errorClass == right.errorClass
            && left.error == right.error && left.timing == right.timing && left.headers == right.headers
            && left.body == right.body && left.isTruncated == right.isTruncated
    }
}
