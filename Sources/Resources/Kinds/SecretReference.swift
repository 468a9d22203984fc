extension KindSchema {
    static let secretReference = KindSchema(
        kind: .secretReference,
        doc:
            "Where the value of a secret is found. The value itself is never part of the repository or the state.",
        spec: ObjectSchema([
            Field(
                "from",
                .object(
                    ObjectSchema(
                        [
                            Field(
                                "env", .string(.environmentVariable),
                                "The environment variable of the sidecar that holds the value."),
                            Field(
                                "file", .string(.absolutePath),
                                "The file that holds the value; one line break at its end is removed."),
                        ], rules: [.exactlyOne(["env", "file"])])),
                "The source of the value, read again whenever it is used."
            ).required
        ]))
}

/// `SecretReference.spec`.
package struct SecretReferenceSpec: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case environment(String)
        case file(String)
    }

    package let source: Source
}

extension SecretReferenceSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        let from = try spec.object("from")
        source = from.has("env") ? .environment(try from.string("env")) : .file(try from.string("file"))
    }
}
