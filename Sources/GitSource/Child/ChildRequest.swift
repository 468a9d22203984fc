import JSON

/// What the child process is asked to do: one line of JSON on its standard input.
struct ChildRequest: Sendable, Equatable {
    enum Operation: Sendable, Equatable {
        case fetch(FetchRequest)
        /// Merge the small packs.
        case compact
    }

    var operation: Operation
    /// The bare repository to work on.
    var repository: String
    /// Who asks; a child whose parent is another process already is an orphan and ends.
    var parent: Int
    var memoryBytes: Int
    var cpuSeconds: Int
}

/// A fetch of one reference into the repository, which is made when it is missing.
struct FetchRequest: Sendable, Equatable {
    var url: String
    /// As the user wrote it; empty for the default branch.
    var reference: String
    var credentials: GitCredentials
    var downloadBytes: Int
    /// The private home folder of the child.
    var home: String
}

extension ChildRequest {
    var json: JSONValue {
        let envelope: [(String, JSONValue)] = [
            ("repository", .string(repository)), ("parent", .number(JSONNumber(parent))),
            ("memoryBytes", .number(JSONNumber(memoryBytes))),
            ("cpuSeconds", .number(JSONNumber(cpuSeconds))),
        ]
        switch operation {
        case .compact: return .object(JSONObject(envelope + [("operation", "compact")]))
        case .fetch(let fetch):
            return .object(JSONObject(envelope + [("operation", "fetch")] + fetch.members))
        }
    }

    /// nil when the value is not a request.
    init?(_ json: JSONValue) {
        guard let repository = json["repository"]?.string, let parent = json["parent"]?.int,
            let memoryBytes = json["memoryBytes"]?.int, let cpuSeconds = json["cpuSeconds"]?.int
        else { return nil }
        switch json["operation"]?.string {
        case "compact": operation = .compact
        case "fetch":
            guard let fetch = FetchRequest(json) else { return nil }
            operation = .fetch(fetch)
        default: return nil
        }
        (self.repository, self.parent) = (repository, parent)
        (self.memoryBytes, self.cpuSeconds) = (memoryBytes, cpuSeconds)
    }
}

extension FetchRequest {
    fileprivate var members: [(String, JSONValue)] {
        [
            ("url", .string(url)), ("reference", .string(reference)), ("home", .string(home)),
            ("downloadBytes", .number(JSONNumber(downloadBytes))),
        ] + credentials.members
    }

    fileprivate init?(_ json: JSONValue) {
        guard let url = json["url"]?.string, let reference = json["reference"]?.string,
            let home = json["home"]?.string, let downloadBytes = json["downloadBytes"]?.int
        else { return nil }
        self.init(
            url: url, reference: reference, credentials: GitCredentials(json), downloadBytes: downloadBytes,
            home: home)
    }
}

extension GitCredentials {
    fileprivate var members: [(String, JSONValue)] {
        [
            ("tokenFile", tokenFile), ("username", username), ("sshKeyFile", sshKeyFile),
            ("knownHostsFile", knownHostsFile), ("caFile", caFile),
        ].compactMap { name, value in value.map { (name, .string($0)) } }
    }

    fileprivate init(_ json: JSONValue) {
        self.init(
            tokenFile: json["tokenFile"]?.string, username: json["username"]?.string,
            sshKeyFile: json["sshKeyFile"]?.string, knownHostsFile: json["knownHostsFile"]?.string,
            caFile: json["caFile"]?.string)
    }
}
