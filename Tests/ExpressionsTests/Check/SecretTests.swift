import Testing

@testable import Expressions

@Suite struct SecretTests {
    static let declarations: Declarations = {
        var declarations = Samples.declarations
        declarations.declareSecrets("secrets", names: ["pagerduty", "erp"])
        return declarations
    }()

    @Test(arguments: [
        ("secrets['pagerduty']", "secret:pagerduty"), ("secrets.pagerduty", "secret:pagerduty"),
        ("'Bearer ' + secrets['erp']", "Bearer secret:erp"),
        ("secrets.erp + ':' + secrets.pagerduty", "secret:erp:secret:pagerduty"),
        ("'Basic ' + base64.encode('user:' + secrets.erp)", "Basic base64(user:secret:erp)"),
        ("event.id == 'x' ? secrets.erp : secrets.pagerduty", "secret:pagerduty"),
        ("cel.bind(s, secrets.erp, s + s)", "secret:erpsecret:erp"),
    ])
    func `a secret is concatenated and encoded without its value`(_ source: String, _ redacted: String) throws
    {
        let program = try Program.compile(source, in: Self.declarations, expecting: .secret)
        let value = try program.evaluate(Samples.activation)
        guard case .secret(let secret) = value else {
            Issue.record("\(value) is not a secret")
            return
        }
        #expect(secret.redacted == redacted)
        #expect(value.description == "<redacted>")
    }

    @Test(arguments: [
        "secrets.erp == 'x'", "secrets.erp != secrets.erp", "size(secrets.erp)", "secrets.erp.size()",
        "string(secrets.erp)", "dyn(secrets.erp)", "type(secrets.erp)", "[secrets.erp]", "{'a': secrets.erp}",
        "secrets.erp.contains('a')", "secrets.erp.startsWith('a')", "secrets.erp.matches('a')",
        "secrets.erp in ['a']",
        "'a' in secrets", "secrets.exists(k, true)", "secrets.map(k, v, v)", "[1].map(x, secrets.erp)",
        "json.encode(secrets.erp)", "hash.sha256(secrets.erp)", "url.encode(secrets.erp)",
        "'%s'.format([secrets.erp])",
        "secrets.erp < 'b'", "has(secrets.erp)", "secrets[?'erp']", "secrets.?erp",
        "optional.of(secrets.erp)",
        "secrets", "size(secrets)", "secrets['e' + 'rp']", "secrets[event.id]", "secrets.erp[0]",
        "secrets.erp.x",
        "cel.bind(s, secrets, s.erp)", "cel.bind(s, secrets, s['erp'])", "secrets.erp + b'x'", "secrets.nope",
        "secrets['nope']",
        "optional.of(1).optMap(x, secrets.erp)", "[1].sortBy(x, secrets.erp)",
        "[1].transformMap(i, x, secrets.erp)",
        "math.greatest(secrets.erp)", "sets.contains([secrets.erp], [])", "true ? secrets.erp : 'x'",
        "bytes(secrets.erp)",
    ])
    func `a secret cannot be looked at`(_ source: String) {
        let diagnostics = Samples.diagnostics(source, in: Self.declarations)
        #expect(diagnostics.contains { $0.severity == .error }, "\(source) compiles")
    }

    @Test func `without type checks the evaluation refuses to look`() throws {
        var declarations = Self.declarations
        declarations.checksTypes = false
        for source in [
            "secrets.erp == 'x'", "secrets.erp.size()", "json.encode([secrets.erp])",
            "'%s'.format([secrets.erp])",
        ] {
            let program = try Program.compile(source, in: declarations)
            #expect(throws: EvaluationError.self) { try program.evaluate(Samples.activation) }
        }
    }

    @Test func `a secret is not available where it is not declared`() {
        #expect(Samples.diagnostics("secrets['erp'] + 'x'").map(\.code) == [.undeclared])
    }

    @Test func `an unknown secret gets a suggestion`() {
        #expect(
            Samples.diagnostics("secrets['pagerdty']", in: Self.declarations).map(\.hint) == [
                "did you mean `pagerduty`?"
            ])
    }

    @Test func `a program names the secrets that it uses`() throws {
        let program = try Program.compile(
            "secrets.erp + secrets['pagerduty'] + secrets.erp", in: Self.declarations)
        #expect(program.secrets == ["erp", "pagerduty"])
        #expect(program.references.isEmpty)
    }

    @Test func `only an explicit call reveals the value`() throws {
        let program = try Program.compile(
            "'Basic ' + base64.encode('u:' + secrets.erp)", in: Self.declarations)
        let value = try program.evaluate(Activation())
        guard case .secret(let secret) = value else {
            Issue.record("\(value) is not a secret")
            return
        }
        #expect(secret.reveal { $0 == "erp" ? "canary" : "" } == "Basic dTpjYW5hcnk=")
        #expect(secret.names == ["erp"])
        #expect(!"\(secret)".contains("canary") && !String(reflecting: secret).contains("erp"))
    }
}
