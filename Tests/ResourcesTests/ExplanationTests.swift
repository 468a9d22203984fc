import Resources
import Testing

struct ExplanationTests {
    @Test func `a kind is explained with its fields`() throws {
        let text = try Explanation.text("SecretReference")
        #expect(text.hasPrefix("SecretReference\n\n  Where the value of a secret is found."))
        #expect(text.contains("from"))
    }

    @Test(arguments: ["Subscription.spec.retry.maxAttempts", "subscription.retry.maxAttempts"])
    func `a field is explained with type, default and bounds`(_ path: String) throws {
        #expect(
            try Explanation.text(path) == """
                \(path): an integer

                  Attempts in all, the first one included.

                  optional
                  default: 15
                  from 1 to 100

                """)
    }

    @Test(arguments: ResourceKind.allCases)
    func `every field of every kind can be explained`(_ kind: ResourceKind) throws {
        for field in KindSchema.of(kind).spec.fields {
            #expect(try Explanation.text("\(kind).\(field.name)").contains(field.doc))
        }
        #expect(try Explanation.text("\(kind).metadata.name").contains("required"))
    }

    @Test(arguments: [
        ("Subscripton", "did you mean `Subscription`?"), ("Subscription.retr", "did you mean `retry`?"),
    ])
    func `a misspelt path gets a suggestion`(_ path: String, _ hint: String) {
        #expect { try Explanation.text(path) } throws: { ($0 as? Explanation.Failure)?.hint == hint }
    }
}
