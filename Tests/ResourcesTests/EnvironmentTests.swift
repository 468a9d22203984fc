import Resources
import Testing

struct EnvironmentTests {
    private func load(_ files: [String: String], environment: String? = "prod") -> LoadedConfiguration {
        var loader = Loader(environment: environment)
        return loader.load(Self.files(files))
    }

    private static func files(_ files: [String: String]) -> [ConfigurationFile] {
        files.map { ConfigurationFile(path: $0.key, contentID: $0.value, bytes: Array($0.value.utf8)) }
    }

    private func spec(_ loaded: LoadedConfiguration) throws -> SubscriptionSpec? {
        guard case .subscription(let spec) = try loaded.desiredState()[ResourceID(.subscription, "erp")]?.spec
        else { return nil }
        return spec
    }

    private let base = subscription(
        "headers: {X-Region: \"${values.region}\", X-Other: \"$${values.region}\"}\n  maxInFlight: \"${values.limit}\""
    )
    .replacing("erp.example.com", with: "${values.host}.example.com")

    @Test func `values replace their references, whole ones with their type`() throws {
        let spec = try spec(
            load([
                "base/a.yaml": base, "base/values.yaml": "{region: eu, host: erp, limit: 3}",
                "env/prod/values.yaml": "limit: 40",
            ]))
        #expect(spec?.headers.map(\.value) == ["eu", "$${values.region}"])
        #expect(spec?.maxInFlight == 40)
        #expect(spec?.target == .url("https://erp.example.com/hooks"))
    }

    @Test func `an undefined value is an error at its place`() {
        let loaded = load(["base/a.yaml": base, "env/prod/values.yaml": "{regio: eu, host: erp, limit: 3}"])
        #expect(places(loaded) == ["8:24 undefined-value"])
        #expect(loaded.diagnostics.first?.hint == "did you mean `regio`?")
        #expect(loaded.diagnostics.first?.length == "${values.region}".count)
    }

    @Test func `without an environment every value is undefined`() {
        let loaded = load(
            ["a.yaml": secret.replacing("ERP_SIGNING_SECRET", with: "\"${values.name}\"")], environment: nil)
        #expect(places(loaded) == ["4:21 undefined-value"])
        #expect(loaded.diagnostics.first?.hint == "choose an environment with `--env`")
    }

    @Test func `an overlay is merged over the document with the same kind and name`() throws {
        let overlay = """
            kind: Subscription
            metadata: {name: erp, labels: {tier: gold}}
            spec: {timeout: 20s, headers: {X-B: null, X-C: c}, retry: {maxAttempts: 3}}
            """
        let loaded = load([
            "base/a.yaml": subscription("headers: {X-A: a, X-B: b}\n  retry: {jitter: 0}"),
            "env/prod/a.yaml": overlay, "env/test/a.yaml": "broken: [",
        ])
        let spec = try #require(try spec(loaded))
        #expect(spec.timeout == .seconds(20))
        #expect(spec.headers.map(\.name) == ["X-A", "X-C"])
        #expect(spec.retry.maxAttempts == 3 && spec.retry.jitter == 0)
        #expect(try loaded.desiredState()[ResourceID(.subscription, "erp")]?.labels == ["tier": "gold"])
    }

    @Test func `a problem is shown in the file that it came from`() {
        let overlay = "kind: Subscription\nmetadata: {name: erp}\nspec: {timeout: 20, maxInFlight: 0}\n"
        let loaded = load(["base/a.yaml": subscription("suspend: maybe"), "env/prod/a.yaml": overlay])
        #expect(
            loaded.diagnostics.map(\.position.description) == [
                "base/a.yaml:8:12", "env/prod/a.yaml:3:17", "env/prod/a.yaml:3:34",
            ])
        #expect(loaded.diagnostics.last?.excerpt == "spec: {timeout: 20, maxInFlight: 0}")
    }

    @Test func `an overlay without a base is a resource of the environment alone`() throws {
        let loaded = load([
            "base/a.yaml": subscription(), "env/prod/b.yaml": secret.replacing("erp-signing", with: "other"),
        ])
        #expect(
            try loaded.desiredState()[ResourceID(.secretReference, "other")]?.position?.file
                == "env/prod/b.yaml")
    }

    @Test func `two overlays for one resource are an error`() {
        let overlay = "kind: Subscription\nmetadata: {name: erp}\nspec: {timeout: 20s}\n"
        let loaded = load([
            "base/a.yaml": subscription(), "env/prod/a.yaml": overlay, "env/prod/b.yaml": overlay,
        ])
        #expect(loaded.diagnostics.map(\.code) == [.duplicateName])
    }

    @Test(arguments: [
        (["base/a.yaml": secret], "an environment is a folder below `env/`"),
        (["base/a.yaml": secret, "env/test/a.yaml": secret], "there is `test`"),
        (["env/prodd/a.yaml": secret], "did you mean `prodd`?"),
    ])
    func `an environment that is not there is an error, never an empty configuration`(
        _ files: [String: String], _ hint: String
    ) {
        let loaded = load(files)
        #expect(loaded.errors.map(\.code) == [.unknownEnvironment])
        #expect(loaded.errors.first?.hint == hint)
        #expect(throws: InvalidConfiguration.self) { try loaded.desiredState() }
    }

    @Test func `every value that is not the base's own says where it came from`() throws {
        let overlay = """
            kind: Subscription
            metadata: {name: erp}
            spec:
              timeout: 20s
              headers: {X-C: "${values.region}"}
              events: [ticket.resolved]
            """
        let loaded = load([
            "base/a.yaml": base, "base/values.yaml": "region: eu\nhost: erp\nlimit: 3",
            "env/prod/values.yaml": "limit: 40", "env/prod/erp.yaml": overlay,
        ])
        let resource = try #require(try loaded.desiredState()[ResourceID(.subscription, "erp")])
        #expect(
            Set(resource.origins.map { "\($0.path) \($0.place)" }) == [
                "spec.timeout env/prod/erp.yaml:4",
                "spec.headers.X-Region base/values.yaml:1 (values.region)",
                "spec.headers.X-C base/values.yaml:1 (values.region)",
                "spec.events env/prod/erp.yaml:6", "spec.targetURL base/values.yaml:2 (values.host)",
                "spec.maxInFlight env/prod/values.yaml:1 (values.limit)",
            ])
        #expect(try loaded.desiredState()[ResourceID(.secretReference, "erp-signing")]?.origins == [])
    }

    @Test func `a change of the values is seen in files that did not change`() throws {
        var loader = Loader(environment: "prod")
        for limit in [3, 4, 3] {
            let files = Self.files([
                "base/a.yaml": base, "env/prod/values.yaml": "{region: eu, host: erp, limit: \(limit)}",
            ])
            #expect(try spec(loader.load(files))?.maxInFlight == limit)
        }
    }
}
