/// One resource that an apply would create, update or delete.
package struct PlannedChange: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        case create, update, delete
    }

    /// The form that becomes live.
    package struct Desired: Sendable, Equatable {
        package var canonical: String
        package var digest: String
        package var isProtected: Bool
        /// Where the document begins.
        package var file: String
        package var line: Int

        package init(canonical: String, digest: String, isProtected: Bool, file: String, line: Int) {
            self.canonical = canonical
            self.digest = digest
            self.isProtected = isProtected
            self.file = file
            self.line = line
        }
    }

    package let action: Action
    /// A kind of another release is possible for a deletion.
    package let kind: String
    package let name: String
    /// nil for a deletion.
    package let desired: Desired?
    /// Digest of the live form that goes; nil for a creation.
    package let replaced: String?
    /// What differs, for an update.
    package let fields: [FieldChange]
    /// What else a reader should know; no part of what is done.
    package var notes: [String]
    /// Whether it undoes what was done outside of git.
    package var isDrift: Bool

    package init(
        _ action: Action, kind: String, name: String, desired: Desired?, replaced: String?,
        fields: [FieldChange] = [], notes: [String] = [], isDrift: Bool = false
    ) {
        self.action = action
        self.kind = kind
        self.name = name
        self.desired = desired
        self.replaced = replaced
        self.fields = fields
        self.notes = notes
        self.isDrift = isDrift
    }

    package var id: String { "\(kind)/\(name)" }
}
