/// Which event types a subscription or a trigger names: a type, `prefix.*`, or `*` for all.
package struct EventPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Form: Sendable, Hashable {
        case all
        /// With its dot.
        case prefix(String)
        case exact
    }

    package let text: String
    private let form: Form

    package init(_ text: String) {
        self.text = text
        form = text == "*" ? .all : text.hasSuffix(".*") ? .prefix(String(text.dropLast())) : .exact
    }

    package var description: String { text }

    package func matches(_ type: String) -> Bool {
        switch form {
        case .all: true
        case .prefix(let prefix): type.utf8.starts(with: prefix.utf8)
        case .exact: type == text
        }
    }

    /// The built-in types that it names.
    package var types: [EventCatalog.EventType] { EventCatalog.types.filter { matches($0.name) } }

    /// Whether it may name an event of a workflow's own (`custom.<name>`).
    package var matchesCustom: Bool {
        switch form {
        case .all: true
        case .prefix(let prefix):
            prefix == "custom." || (prefix.hasPrefix("custom.") && EventCatalog.contains(prefix + "x"))
        case .exact: EventCatalog.isCustom(text)
        }
    }

    /// Whether no event can ever match.
    package var matchesNothing: Bool { types.isEmpty && !matchesCustom }
}
