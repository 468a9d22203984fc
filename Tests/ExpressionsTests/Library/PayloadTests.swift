import JSON
import Testing

@testable import Expressions

@Suite struct PayloadTests {
    static let examples: [Example] = [
        Example("json.encode({'a': [1, 2.5, true, null, 'x']})", "'{\"a\":[1,2.5,true,null,\"x\"]}'"),
        Example("json.encode({'a': omit(), 'b': [1, omit()]})", "'{\"b\":[1]}'"),
        Example("json.encode(event.data.custom)", "'{\"impact\":3,\"site\":\"Berlin\"}'"),
        Example("json.encode(b'hi')", "'\"aGk=\"'"),
        Example("json.encode(duration('90m'))", "'\"5400s\"'"),
        Example("json.encode(event.ts)", "'\"2026-05-05T11:45:07Z\"'"),
        Example("json.encode(18446744073709551615u)", "'18446744073709551615'"),
        Example("json.encode(optional.of(1))", "'1'"),
        Example(
            "json.decode('{\"a\": [1, 18446744073709551615, 1.0]}').a", "[1, 18446744073709551615u, 1.0]"),
        Example("json.decode('null')", "null"),
        Example("json.decode('123456789012345678901234567890')", "1.2345678901234568e29"),
        Example(
            "hash.sha256('')", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
        Example(
            "hash.sha256(b'abc')", "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"),
        Example(
            "hash.sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')",
            "'248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'"),
        Example("url.encode('a b/c?d=ü~')", "'a%20b%2Fc%3Fd%3D%C3%BC~'"),
        Example("base64.decode('aGk')", "b'hi'"),
        Example("base64.decode('aGk=')", "b'hi'"),
        Example("base64.decode('')", "b''"),
    ]

    @Test(arguments: examples)
    func `a function for payloads yields what its documentation says`(_ example: Example) throws {
        #expect(try example.mismatch() == nil)
    }

    @Test(arguments: [
        "json.encode(0.0 / 0.0)", "json.encode({1: 2})", "json.encode(int)", "json.decode('{')",
        "json.encode(omit())",
        "base64.decode('a')", "base64.decode('a=b=')", "base64.decode('a*==')", "base64.decode('aGk==')",
    ])
    func `a function for payloads fails on what it cannot do`(_ source: String) throws {
        let program = try Program.compile(source, in: Declarations())
        #expect(throws: EvaluationError.self) { try program.evaluate(Activation()) }
    }
}
