import HTTPTypes
import Store
import Testing

@testable import Runtime

struct PushVerificationTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let host: PushVerification.Host
        let secret: String
        let body: String
        let headers: [String: String]
        var now = UnixTime(milliseconds: 1_771_000_000_000)

        var testDescription: String { host.rawValue }
        var fields: HTTPFields {
            HTTPFields(
                headers.compactMap { name, value in
                    HTTPField.Name(name).map { HTTPField(name: $0, value: value) }
                })
        }
    }

    static let vectors = [
        // GitHub documentation, "Validating webhook deliveries".
        Vector(
            host: .github, secret: "It's a Secret to Everybody", body: "Hello, World!",
            headers: [
                "X-GitHub-Event": "push",
                "X-Hub-Signature-256":
                    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            ]),
        // Bitbucket documentation, "Manage webhooks".
        Vector(
            host: .bitbucket, secret: "It's a Secret to Everybody", body: "Hello World!",
            headers: [
                "X-Event-Key": "repo:push",
                "X-Hub-Signature":
                    "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
            ]),
        Vector(
            host: .gitea, secret: "zentra-gitea-secret",
            body:
                #"{"ref":"refs/heads/main","before":"9836a96a253cce25d17988fcf41b8c4205cf779f","after":"4522cbcefc20728a5b72b3a86af35e608622c514","repository":{"id":61,"full_name":"acme/config","clone_url":"https://git.example/acme/config.git"}}"#,
            headers: [
                "X-Gitea-Event": "push", "X-GitHub-Event": "push",
                "X-Gitea-Signature": "885dc6950445c7408f70837cc7c6a74aa3d9fb110feb90ec51c072798b5fc3b1",
            ]),
        Vector(
            host: .gitlab, secret: "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=",
            body:
                #"{"object_kind":"push","event_name":"push","before":"95790bf891e76fee5e1747ab589903a6a1f80f22","after":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","ref":"refs/heads/main","checkout_sha":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","project_id":15,"project":{"path_with_namespace":"mike/diaspora"}}"#,
            headers: [
                "X-Gitlab-Event": "Push Hook", "webhook-id": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
                "webhook-timestamp": "1771000000",
                "webhook-signature": "v1,s6pc9EXMXYSX1GR79fX80D4UIaESARCIRxPLqH7yt1M=",
            ]),
    ]

    private func isValid(_ vector: Vector, secret: String? = nil, body: String? = nil) -> Bool {
        let result = PushVerification.check(
            vector.host, vector.fields, SecretValue(Array((secret ?? vector.secret).utf8)), now: vector.now)
        switch result {
        case .accepted: return true
        case .refused: return false
        case .needsBody(var verification):
            Array((body ?? vector.body).utf8).withUnsafeBytes { verification.update($0) }
            return verification.isValid
        }
    }

    @Test(arguments: vectors)
    func `what a host has signed is taken, and nothing else`(_ vector: Vector) {
        #expect(PushVerification.host(of: vector.fields) == vector.host)
        #expect(PushVerification.isPush(vector.host, vector.fields))
        #expect(isValid(vector))
        #expect(!isValid(vector, body: vector.body + " "))
        #expect(!isValid(vector, secret: "another secret"))
    }

    @Test func `GitLab's plain token is compared`() {
        let headers = ["X-Gitlab-Event": "Tag Push Hook", "X-Gitlab-Token": "token"]
        let vector = Vector(host: .gitlab, secret: "token", body: "", headers: headers)
        #expect(isValid(vector))
        #expect(!isValid(vector, secret: "tokem"))
    }

    @Test(arguments: [
        (PushVerification.Host.gitea, ["X-Gitea-Event": "push", "X-Gitea-Signature": ""]),
        (.bitbucket, ["X-Event-Key": "repo:push", "X-Hub-Signature": "sha256="]),
        (
            .bitbucket,
            ["X-Event-Key": "repo:push", "X-Hub-Signature": "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"]
        ),
        (
            .github,
            ["X-GitHub-Event": "push", "X-Hub-Signature": "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"]
        ),
        (.gitlab, ["X-Gitlab-Event": "Push Hook"]),
        (
            .gitlab,
            [
                "X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": "secret", "webhook-signature": "v1,AAAA",
                "webhook-id": "1", "webhook-timestamp": "1",
            ]
        ),
    ])
    func `empty, weak, missing and stale signatures fit nothing`(
        _ host: PushVerification.Host, _ headers: [String: String]
    ) {
        #expect(!isValid(Vector(host: host, secret: "secret", body: "", headers: headers)))
    }

    @Test(arguments: [
        (PushVerification.Host.github, "X-GitHub-Event", "ping"), (.gitlab, "X-Gitlab-Event", "Issue Hook"),
        (.gitea, "X-Gitea-Event", "issues"), (.bitbucket, "X-Event-Key", "issue:created"),
    ])
    func `other events are no push`(_ host: PushVerification.Host, _ name: String, _ value: String) throws {
        let fields: HTTPFields = [try #require(HTTPField.Name(name)): value]
        #expect(PushVerification.host(of: fields) == host)
        #expect(!PushVerification.isPush(host, fields))
    }

    @Test func `Bitbucket Data Center has a name of its own for pushes`() throws {
        let fields: HTTPFields = [try #require(HTTPField.Name("X-Event-Key")): "repo:refs_changed"]
        #expect(PushVerification.isPush(.bitbucket, fields))
    }

    @Test func `a request that names no host is from nobody`() {
        #expect(PushVerification.host(of: [:]) == nil)
    }
}
