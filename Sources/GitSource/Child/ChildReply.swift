import JSON

/// What the child process answers: one JSON value on its standard output.
enum ChildReply: Sendable, Equatable {
    case fetched(FetchReply)
    case compacted
    case failed(GitError)
}

struct FetchReply: Sendable, Equatable {
    /// Full name of the reference; nil for a commit id.
    var reference: String?
    var commit: ObjectID
    /// True when the cache held that commit under that reference already.
    var isUnchanged: Bool
    var receivedBytes: Int
}

extension ChildReply {
    var json: JSONValue {
        switch self {
        case .compacted: ["result": "compacted"]
        case .fetched(let fetch):
            [
                "result": "fetched", "reference": fetch.reference.map { .string($0) } ?? .null,
                "commit": .string(fetch.commit.hex), "unchanged": .bool(fetch.isUnchanged),
                "receivedBytes": .number(JSONNumber(fetch.receivedBytes)),
            ]
        case .failed(let error):
            [
                "result": "failed", "category": .string(error.category.rawValue),
                "message": .string(error.message),
                "hint": error.hint.map { .string($0) } ?? .null,
            ]
        }
    }

    init?(_ json: JSONValue) {
        switch json["result"]?.string {
        case "compacted": self = .compacted
        case "fetched":
            guard let commit = json["commit"]?.string.flatMap(ObjectID.init(hex:)),
                let isUnchanged = json["unchanged"]?.bool, let receivedBytes = json["receivedBytes"]?.int
            else { return nil }
            self = .fetched(
                FetchReply(
                    reference: json["reference"]?.string, commit: commit, isUnchanged: isUnchanged,
                    receivedBytes: receivedBytes))
        case "failed":
            guard let category = json["category"]?.string.flatMap(GitError.Category.init(rawValue:)),
                let message = json["message"]?.string
            else { return nil }
            self = .failed(GitError(category, message, hint: json["hint"]?.string))
        default: return nil
        }
    }
}
