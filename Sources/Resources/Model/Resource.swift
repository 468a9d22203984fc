internal import JSON

/// A valid resource. Two resources with the same id are the same when their digests are.
///
/// Immutable; a class because tens of thousands of them are sorted and passed around.
package final class Resource: Sendable {
    package let id: ResourceID
    package let labels: [String: String]
    package let annotations: [String: String]
    package let spec: ResourceSpec
    /// Compact JSON of `apiVersion`, `kind`, `metadata` and `spec`; `docs/canonical-form.md` says exactly how.
    package let canonical: String
    package let digest: ResourceDigest
    /// Where the document begins; nil for a resource that was read from the live state.
    package let position: SourcePosition?
    /// Where values were written that the base's document does not hold itself; empty without an environment.
    package let origins: [FieldOrigin]
    /// The file that the document is in; nil for a resource that was read from the live state.
    private let source: SourceFile?

    /// The annotation `sync.zentra.dev/protect` refuses the deletion.
    package var isProtected: Bool { annotations[KindSchema.protectAnnotation] == "true" }
    package var file: String? { position?.file }
    /// Where its values were written; reads the document again.
    package var fieldPlaces: FieldPlaces { FieldPlaces(origins, in: source, line: position?.line) }

    /// Reads the canonical form back, as the live state holds it; throws ``SpecError`` for a text of another version or
    /// a damaged one. The digest is that of the text as it is.
    package convenience init(canonical: String, position: SourcePosition? = nil) throws(SpecError) {
        let value: JSONValue
        do { value = try JSONValue(parsing: canonical) } catch {
            throw SpecError("cannot read the canonical form: \(error)")
        }
        try self.init(canonical: canonical, value: value, position: position)
    }

    /// From the canonical form and its text.
    init(
        canonical: String, value: JSONValue, position: SourcePosition?, source: SourceFile? = nil,
        origins: [FieldOrigin] = []
    ) throws(SpecError) {
        guard value["apiVersion"]?.string == ResourceKind.apiVersion,
            let kind = value["kind"]?.string.flatMap(ResourceKind.init(rawValue:)),
            let metadata = value["metadata"],
            let name = metadata["name"]?.string, let spec = value["spec"]?.object
        else { throw SpecError("not the canonical form of a resource of `\(ResourceKind.apiVersion)`") }
        id = ResourceID(kind, name)
        labels = Self.texts(metadata["labels"])
        annotations = Self.texts(metadata["annotations"])
        self.spec = try ResourceSpec(kind, spec)
        self.canonical = canonical
        digest = ResourceDigest(of: canonical)
        self.position = position
        self.origins = origins
        self.source = source
    }

    private static func texts(_ value: JSONValue?) -> [String: String] {
        guard let members = value?.object else { return [:] }
        return Dictionary(members.compactMap { key, value in value.string.map { (key, $0) } }) { first, _ in
            first
        }
    }
}
