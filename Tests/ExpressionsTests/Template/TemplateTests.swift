import JSON
import Testing

@testable import Expressions

@Suite struct TemplateTests {
    private func render(_ tree: JSONValue) throws -> JSONValue? {
        try Template.compile(tree, in: Samples.declarations).render(Samples.activation).json
    }

    static let leaves: [(String, JSONValue)] = [
        ("plain", "plain"), ("", ""),
        ("${event.data.reopened}", 2), ("${event.data.reopened + 1}", 3), ("${event.data.team}", nil),
        ("${event.data.custom}", ["impact": 3, "site": "Berlin"]),
        ("${event.data.tags}", ["mail", "outage"]),
        ("${event.data.estimate}", .number(JSONNumber(text: "1.50") ?? JSONNumber(0))),
        ("${event.data.estimate + 0.0}", .number(JSONNumber(text: "1.5") ?? JSONNumber(0))),
        ("[${event.data.key}] ${event.data.subject}", "[INC-41] Mail is down"),
        ("${event.data.key}!", "INC-41!"), ("${event.data.estimate} h", "1.50 h"),
        ("n=${event.data.team}", "n=null"),
        ("tags: ${event.data.tags}", "tags: [\"mail\",\"outage\"]"), ("${event.ts}", "2026-05-05T11:45:07Z"),
        ("${duration('90s')}", "90s"), ("${b'hi'}", "aGk="),
        ("${18446744073709551615u}", .number(JSONNumber(UInt64.max))),
        ("$${event.id}", "${event.id}"), ("$$${event.id}", "$${event.id}"), ("costs $5", "costs $5"),
        ("a$", "a$"),
        ("$${a} ${event.id}", "${a} evt_1"), ("${ {'a': '}'}.a }", "}"), ("${ {'a': {'b': 1}}['a'].b }", 1),
        ("${'}' + \"}\" + r'\\'}", "}}\\"), ("${'''}'''}", "}"), ("${1 // }\n}", 1),
        ("${event.id}${event.id}", "evt_1evt_1"), ("${{'k': omit(), 'l': [omit(), 1]}}", ["l": [1]]),
        ("${optional.of(1)}", 1),
    ]

    @Test(arguments: leaves)
    func `a leaf keeps the type of a lone expression and else becomes a string`(
        _ leaf: String, _ expected: JSONValue
    ) throws {
        #expect(try render(["leaf": .string(leaf)]) == ["leaf": expected])
    }

    @Test func `keys keep their order and numbers their digits`() throws {
        let tree = try JSONValue(
            parsing:
                #"{"z": 1.10, "a": ["${event.id}", 1e3, {"y": "${event.type}", "x": 0}], "${k}": true, "m": null}"#
        )
        #expect(
            try render(tree)?.text
                == #"{"z":1.10,"a":["evt_1",1e3,{"y":"ticket.created","x":0}],"${k}":true,"m":null}"#)
    }

    @Test func `omit drops keys and elements`() throws {
        let tree: JSONValue = [
            "a": "${omit()}", "b": ["${omit()}", 1, "${event.data.?assignee}"], "c": "x${omit()}",
            "d": "${event.id == 'x' ? dyn(1) : omit()}", "e": ["f": "${omit()}"],
        ]
        #expect(try render(tree) == ["b": [1], "e": [:]])
        #expect(try render("${omit()}") == nil)
    }

    @Test func `every problem of every leaf is reported with its path and place`() throws {
        let tree: JSONValue = ["a": ["x", "hi ${evnt.id} ${event.data.prio}"], "b": "${", "c": "${event.id"]
        do {
            _ = try Template.compile(tree, in: Samples.declarations)
            Issue.record("it compiles")
        } catch {
            #expect(error.problems.map(\.path.description) == ["a[1]", "a[1]", "b", "c"])
            let leaf = "hi ${evnt.id} ${event.data.prio}"
            #expect(
                error.problems.prefix(2).map { Samples.text($0.diagnostic.range, of: leaf) } == [
                    "evnt", "prio",
                ])
            #expect(error.problems[2].diagnostic.code == .template)
            #expect(error.problems[3].diagnostic.hint?.contains("` #`") == true)
        }
    }

    @Test func `a failing leaf names its path`() throws {
        let tree: JSONValue = ["a": [["b": "x ${1 / event.data.reopened} ${event.data.custom.nope}"]]]
        let template = try Template.compile(tree, in: Samples.declarations)
        do {
            _ = try template.render(Samples.activation)
            Issue.record("it renders")
        } catch {
            #expect(error.path.description == "a[0].b")
            #expect(error.cause.code == .noSuchKey)
            let leaf = "x ${1 / event.data.reopened} ${event.data.custom.nope}"
            #expect(error.cause.range.map { Samples.text($0, of: leaf) } == "event.data.custom.nope")
        }
    }

    @Test(arguments: ["${0.0 / 0.0}", "${1.0 / 0.0}", "${ {1: 2} }", "${int}"])
    func `what JSON cannot express is an error`(_ leaf: String) throws {
        let template = try Template.compile(.string(leaf), in: Samples.declarations)
        #expect(throws: RenderError.self) { try template.render(Samples.activation) }
    }

    @Test func `all leaves share one budget`() throws {
        let leaf: JSONValue = "${lists.range(400).map(i, i)}"
        let template = try Template.compile([leaf, leaf], in: Samples.declarations)
        #expect(throws: Never.self) { try template.render(Samples.activation, costLimit: 15_000) }
        #expect(throws: RenderError.self) { try template.render(Samples.activation, costLimit: 9_000) }
    }

    @Test func `a template knows what it refers to`() throws {
        let tree: JSONValue = ["a": "${event.data.key} ${steps.page.outputs['key']}", "b": ["${event.id}"]]
        let template = try Template.compile(tree, in: Samples.declarations)
        #expect(
            template.references.map(\.description) == [
                "event.data.key", "steps.page.outputs.key", "event.id",
            ])
        #expect(template.leaves.map(\.path.description) == ["a", "b[0]"])
    }
}

@Suite struct SecretTemplateTests {
    private static let tree: JSONValue = [
        "key": "${secrets['pagerduty']}", "header": "Bearer ${secrets.erp}",
        "list": ["${'a' + secrets.erp}", "plain"],
        "id": "${event.id}",
    ]

    private func rendered() throws -> RenderedTemplate {
        try Template.compile(Self.tree, in: SecretTests.declarations).render(Samples.activation)
    }

    @Test func `a journal gets the names of secrets`() throws {
        let rendered = try rendered()
        #expect(
            rendered.json
                == [
                    "key": "secret:pagerduty", "header": "Bearer secret:erp",
                    "list": ["asecret:erp", "plain"],
                    "id": "evt_1",
                ])
        #expect(rendered.secrets == ["pagerduty", "erp"])
    }

    @Test func `revealing asks for each secret`() throws {
        let revealed = try rendered().reveal { "<\($0)>" }
        #expect(
            revealed == [
                "key": "<pagerduty>", "header": "Bearer <erp>", "list": ["a<erp>", "plain"], "id": "evt_1",
            ])
    }

    @Test func `a secret that has no value stops the revealing`() throws {
        struct Unresolved: Error {}
        let rendered = try rendered()
        #expect(throws: Unresolved.self) {
            try rendered.reveal { _ throws(Unresolved) in throw Unresolved() }
        }
    }

    @Test func `a secret inside of a value is refused when the template is compiled`() {
        #expect(throws: TemplateError.self) {
            try Template.compile("${ {'a': secrets.erp} }", in: SecretTests.declarations)
        }
        #expect(throws: TemplateError.self) {
            try Template.compile("${secrets}", in: SecretTests.declarations)
        }
    }
}

@Suite struct TextTemplateTests {
    @Test(arguments: [
        ("https://x.example/${event.data.subject}", "https://x.example/Mail%20is%20down"),
        ("https://x.example/?k=${event.data.reopened}", "https://x.example/?k=2"),
        ("${'https://x.example/a b'}", "https://x.example/a b"),
    ])
    func `parts of a URL are percent-encoded and a whole one is not`(_ text: String, _ expected: String)
        throws
    {
        let template = try TextTemplate.compile(text, in: Samples.declarations)
        #expect(try template.render(Samples.activation, percentEncoding: true)?.redacted == expected)
    }

    @Test(arguments: [
        ("${secrets.erp}/${secrets.erp}", "x.example:81/x.example%3A81"),
        ("${secrets.erp}?at=1", "x.example:81?at=1"),
        ("https://${secrets.erp}/b", "https://x.example:81/b"),
        ("https://y.example/?to=https://${secrets.erp}", "https://y.example/?to=https://x.example%3A81"),
    ])
    func `a secret that holds the host of a URL stays as it is`(_ text: String, _ expected: String) throws {
        let template = try TextTemplate.compile(text, in: SecretTests.declarations)
        let rendered = try #require(try template.render(Samples.activation, percentEncoding: true))
        #expect(rendered.reveal { _ in "x.example:81" } == expected)
    }

    @Test func `a secret in a URL is encoded when it is revealed`() throws {
        let template = try TextTemplate.compile(
            "https://x.example/${secrets.erp}", in: SecretTests.declarations)
        let rendered = try #require(try template.render(Samples.activation, percentEncoding: true))
        #expect(rendered.redacted == "https://x.example/secret:erp")
        #expect(rendered.reveal { _ in "a/b" } == "https://x.example/a%2Fb")
    }

    @Test func `a text that is one expression says so`() throws {
        #expect(try TextTemplate.compile("${event.id}", in: Samples.declarations).whole != nil)
        #expect(try TextTemplate.compile("x${event.id}", in: Samples.declarations).whole == nil)
        #expect(try TextTemplate.compile("x", in: Samples.declarations).programs.isEmpty)
    }
}
