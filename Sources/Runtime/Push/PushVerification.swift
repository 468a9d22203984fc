import HTTPTypes
import Resources
import Store

/// Which git host sent a push webhook, and whether it did: by its headers, and a signature over the body.
///
/// Sources: GitHub, "Validating webhook deliveries"; GitLab, "Webhooks" (signing token and secret token); Gitea and
/// Forgejo, "Webhooks"; Bitbucket Cloud, "Manage webhooks".
enum PushVerification {
    enum Host: String, Sendable, CaseIterable {
        case github, gitlab, gitea, bitbucket
    }

    /// The host that the headers name. Gitea and Forgejo send GitHub's headers too, so they are looked for first.
    static func host(of fields: HTTPFields) -> Host? {
        func has(_ name: String) -> Bool {
            HTTPField.Name(name).map { fields.contains($0) } ?? false
        }
        if has("X-Gitea-Event") || has("X-Forgejo-Event") { return .gitea }
        if has("X-Gitlab-Event") { return .gitlab }
        if has("X-Event-Key") { return .bitbucket }
        return has("X-GitHub-Event") ? .github : nil
    }

    static func check(
        _ host: Host, _ fields: HTTPFields, _ secret: SecretValue, now: UnixTime
    ) -> Verification.HeaderResult {
        let secrets = VerificationSecrets([secret])
        let headers = SingleHeaders(fields)
        return switch host {
        case .github: Verification.check(.github, headers, secrets, now: now)
        case .gitlab: Verification.check(.gitlab, headers, secrets, now: now)
        case .gitea:
            signature(headers["X-Forgejo-Signature"] ?? headers["X-Gitea-Signature"], prefix: "", secrets)
        case .bitbucket: signature(headers["X-Hub-Signature"], prefix: "sha256=", secrets)
        }
    }

    /// An HMAC-SHA256 of the body in hexadecimal. An empty one, which hosts send when they have no secret, fits nothing.
    private static func signature(
        _ text: String?, prefix: String, _ secrets: VerificationSecrets
    ) -> Verification.HeaderResult {
        guard let text, text.hasPrefix(prefix), let bytes = Hex.bytes(text.dropFirst(prefix.count)),
            !bytes.isEmpty
        else { return .refused }
        return .needsBody(BodyVerification(keys: secrets.keys, signatures: [bytes]))
    }

    /// Whether the event is a push; others (GitHub's ping, a test) are accepted and change nothing.
    static func isPush(_ host: Host, _ fields: HTTPFields) -> Bool {
        func value(_ name: String) -> String { SingleHeaders(fields)[name] ?? "" }
        return switch host {
        case .github: ["push", "create", "delete"].contains(value("X-GitHub-Event"))
        case .gitlab: ["Push Hook", "Tag Push Hook"].contains(value("X-Gitlab-Event"))
        case .gitea:
            ["push", "create", "delete"].contains(value("X-Gitea-Event"))
                || ["push", "create", "delete"].contains(value("X-Forgejo-Event"))
        // The second is what Bitbucket Data Center calls it.
        case .bitbucket: ["repo:push", "repo:refs_changed"].contains(value("X-Event-Key"))
        }
    }
}
