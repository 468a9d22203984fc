import GitSource
import JSON
import Reconciler

/// A git host that takes commit statuses, and the repository on it.
///
/// Sources: GitHub REST API, "Commit statuses"; GitLab REST API, "Commits: set commit pipeline status".
struct StatusHost: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case github, gitlab
    }

    let kind: Kind
    /// Base of the API, without a slash at the end.
    let api: String
    /// `owner/name`, for GitLab with all groups.
    let repository: String

    /// - Parameters:
    ///   - url: of the repository, as it is shown: without userinfo.
    ///   - api: of a host of one's own; `/api/v4` at its end says GitLab, everything else GitHub.
    /// - Throws: `Failure` when the host is not known.
    init(repository url: String, api: String?) throws {
        guard let place = Self.place(url) else {
            throw Failure(
                "--status-token-file has no use with \(url): it names no repository of a git host",
                status: .usage)
        }
        repository = place.path
        if let api {
            self.api = api.hasSuffix("/") ? String(api.dropLast()) : api
            kind = self.api.hasSuffix("/api/v4") ? .gitlab : .github
        } else if place.host == "github.com" {
            (kind, self.api) = (.github, "https://api.github.com")
        } else if place.host.hasPrefix("gitlab.") {
            (kind, self.api) = (.gitlab, "https://\(place.host)/api/v4")
        } else {
            throw Failure(
                "\(place.host) is not known to be GitHub or GitLab, so no commit status can be sent",
                hint: "name its API with --status-api, for example https://\(place.host)/api/v4 for GitLab",
                status: .usage)
        }
    }

    /// Host and path of `https://host/owner/name.git`, `ssh://git@host:22/owner/name` and `git@host:owner/name`.
    private static func place(_ url: String) -> (host: String, path: String)? {
        var rest = url[...]
        let path: Substring
        let authority: Substring
        if let scheme = rest.firstRange(of: "://") {
            guard ["https", "http", "ssh"].contains(rest[..<scheme.lowerBound]) else { return nil }
            rest = rest[scheme.upperBound...]
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            (authority, path) = (rest[..<slash], rest[rest.index(after: slash)...])
        } else {
            guard let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("/") else { return nil }
            (authority, path) = (rest[..<colon], rest[rest.index(after: colon)...])
        }
        let host = authority.split(separator: "@").last?.split(separator: ":").first ?? ""
        let name = path.split(separator: "/").joined(separator: "/")
        let trimmed = name.hasSuffix(".git") ? String(name.dropLast(4)) : name
        guard !host.isEmpty, trimmed.contains("/") else { return nil }
        return (host.lowercased(), trimmed)
    }

    /// Where the status of a commit is posted.
    func url(commit: String) -> String {
        switch kind {
        case .github:
            let path = repository.split(separator: "/").map { PercentEncoding.encode(String($0)) }
            return "\(api)/repos/\(path.joined(separator: "/"))/statuses/\(commit)"
        case .gitlab: return "\(api)/projects/\(PercentEncoding.encode(repository))/statuses/\(commit)"
        }
    }

    func headers(token: String) -> [(String, String)] {
        switch kind {
        case .github: [("Authorization", "Bearer \(token)"), ("Accept", "application/vnd.github+json")]
        case .gitlab: [("PRIVATE-TOKEN", token)]
        }
    }

    /// - Parameter name: tells the statuses of several sidecars on one commit apart.
    func body(_ report: CommitReport, name: String) -> JSONValue {
        switch kind {
        case .github:
            [
                "state": .string(report.state.rawValue), "context": .string(name),
                "description": .string(Self.bounded(report.description, 140)),
            ]
        case .gitlab:
            [
                "state": .string(report.state == .failure ? "failed" : report.state.rawValue),
                "name": .string(name), "description": .string(Self.bounded(report.description, 255)),
            ]
        }
    }

    private static func bounded(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit - 1) + "…"
    }
}
