/// Which record a test means: `ticket/tkt_1` by its id, `ticket/external_key=am-7` by a field with that value.
package struct TestRecordKey: Sendable, Hashable {
    package enum Selector: Sendable, Hashable {
        case id(String)
        case field(String, value: String)
    }

    package let type: RecordType
    package let selector: Selector

    /// nil for a text that is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let type = RecordType(rawValue: String(parts[0])) else { return nil }
        self.type = type
        let rest = parts[1].split(separator: "=", maxSplits: 1)
        if rest.count == 2, type.fields.contains(where: { $0.name == rest[0] }) {
            selector = .field(String(rest[0]), value: String(rest[1]))
        } else if !parts[1].contains("=") {
            selector = .id(String(parts[1]))
        } else {
            return nil
        }
    }
}
