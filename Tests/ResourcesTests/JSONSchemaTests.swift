import JSON
import Resources
import Testing

struct JSONSchemaTests {
    @Test(arguments: ResourceKind.allCases)
    func `every kind has a schema of draft 2020-12 with a sentence for each field`(_ kind: ResourceKind)
        throws
    {
        let schema = JSONSchema.schema(of: kind)
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        let spec = try #require(schema["properties"]?["spec"]?["properties"]?.object)
        for (name, field) in spec { #expect(field["description"]?.string?.hasSuffix(".") == true, "\(name)") }
    }

    @Test func `fields that are not supported are left out`() {
        func check(_ object: ObjectSchema, _ schema: JSONValue?) {
            for field in object.fields {
                #expect(
                    (schema?["properties"]?[field.name] != nil) == (field.availability == .available),
                    "\(field.name)")
            }
        }
        for kind in ResourceKind.allCases {
            check(KindSchema.of(kind).spec, JSONSchema.schema(of: kind)["properties"]?["spec"])
        }
    }

    @Test func `the union names each supported kind`() {
        let names = JSONSchema.union()["properties"]?["kind"]?["enum"]?.array?.compactMap(\.string) ?? []
        #expect(
            Set(names)
                == Set(
                    ResourceKind.allCases.filter { KindSchema.of($0).availability == .available }.map(
                        \.rawValue)))
    }
}
