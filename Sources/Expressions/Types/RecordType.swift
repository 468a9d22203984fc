/// The fields of a map with a known shape, such as the data of an event type.
package struct RecordType: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package let name: String
        package let type: CELType
        /// May be absent.
        package let isOptional: Bool

        package init(_ name: String, _ type: CELType, optional: Bool = false) {
            self.name = name
            self.type = type
            isOptional = optional
        }
    }

    package let name: String
    package let fields: [Field]
    /// True when other fields than the declared ones may be used, as `dyn`.
    package let isOpen: Bool
    /// Fields that people expect and that are not there, with the reason, which becomes the hint of the error.
    package let withheld: [String: String]

    /// - Parameter fields: of several with the same name the first counts.
    package init(_ name: String, _ fields: [Field], open: Bool = false, withheld: [String: String] = [:]) {
        var names: Set<String> = []
        self.name = name
        self.fields = fields.filter { names.insert($0.name).inserted }
        isOpen = open
        self.withheld = withheld
    }

    /// Whether the field is declared as one that may be absent.
    func mayLack(_ field: String) -> Bool { fields.contains { $0.name == field && $0.isOptional } }

    /// The field's type: `dyn` for an undeclared one of an open record, nil for one that there cannot be.
    func type(of field: String) -> CELType? {
        fields.first { $0.name == field }?.type ?? (isOpen ? .dyn : nil)
    }
}
