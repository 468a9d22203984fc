internal import CLibYAML

/// Builds nodes from libyaml's events.
struct Composer {
    var sink: DiagnosticSink
    private var anchors: [String: Anchor] = [:]
    private var aliasWeight = 0
    private var depth = 0

    private struct Anchor {
        let node: Node
        let weight: Int
    }

    /// Ends the reading of a file; the reason has been reported.
    private struct Stop: Error {}

    init(sink: DiagnosticSink) { self.sink = sink }

    /// Reads until the end of the stream, a syntax error, or a limit.
    mutating func readStream(
        _ events: inout EventStream, into documents: inout [Node], upTo count: Int = .max
    ) {
        do {
            while documents.count < count, try next(&events) != YAML_STREAM_END_EVENT {
                guard events.event.type == YAML_DOCUMENT_START_EVENT else { continue }
                anchors.removeAll(keepingCapacity: true)
                aliasWeight = 0
                depth = 0
                _ = try next(&events)
                let isEmpty =
                    events.event.type == YAML_SCALAR_EVENT && events.event.data.scalar.length == 0
                    && events.event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
                let root = try node(&events)
                if !isEmpty { documents.append(root.node) }
            }
        } catch {
            // Reported, or left in `events.failure`.
        }
    }

    private mutating func next(_ events: inout EventStream) throws(Stop) -> yaml_event_type_t {
        guard events.next() else { throw Stop() }
        return events.event.type
    }

    /// The node that starts with the current event.
    private mutating func node(_ events: inout EventStream) throws(Stop) -> (node: Node, weight: Int) {
        switch events.event.type {
        case YAML_SCALAR_EVENT: scalar(events.event, events.span)
        case YAML_SEQUENCE_START_EVENT: try sequence(&events)
        case YAML_MAPPING_START_EVENT: try mapping(&events)
        default: try alias(events.event, events.span)
        }
    }

    // MARK: Scalars

    private mutating func scalar(_ event: yaml_event_t, _ span: Span) -> (Node, Int) {
        let data = event.data.scalar
        let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
        var content = Node.Content.scalar(
            Scalar(text: String(decoding: bytes, as: UTF8.self), style: Self.style(data.style), tag: .string))
        if data.tag != nil {
            reportTag(String(cString: data.tag), span)
            content = .invalid
        } else if data.style == YAML_PLAIN_SCALAR_STYLE {
            switch CoreSchema.resolve(bytes) {
            case .tag(.string): break
            case .tag(let tag):
                content = .scalar(
                    Scalar(text: String(decoding: bytes, as: UTF8.self), style: .plain, tag: tag))
            case .leadingZero:
                reportLeadingZero(String(decoding: bytes, as: UTF8.self), span)
                content = .invalid
            }
        }
        let node = Node(content: content, span: span)
        define(data.anchor, node, bytes.count + YAMLReader.Limits.nodeWeight)
        return (node, bytes.count + YAMLReader.Limits.nodeWeight)
    }

    private static func style(_ style: yaml_scalar_style_t) -> Scalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    private mutating func reportLeadingZero(_ text: String, _ span: Span) {
        sink.add(
            .ambiguousScalar, "`\(text)` is octal to some YAML readers and decimal to others", at: span,
            hint: "quote it if it is a text, drop the leading zero if it is a number")
    }

    private mutating func reportTag(_ tag: String, _ span: Span) {
        if tag.hasPrefix("tag:yaml.org") || tag.hasPrefix("!!") {
            sink.add(
                .tag, "YAML tags are not supported", at: span,
                hint: "remove the tag, and quote the value to make it a string")
        } else {
            let hint = "quote the whole expression: \"\(tag)\""
            sink.add(
                .tag, "an unquoted value that begins with `!` is a YAML tag, not an expression", at: span,
                hint: hint)
        }
    }

    // MARK: Collections

    private mutating func sequence(_ events: inout EventStream) throws(Stop) -> (Node, Int) {
        let start = events.span
        let (anchor, tag) = (
            copy(events.event.data.sequence_start.anchor), copy(events.event.data.sequence_start.tag)
        )
        try enter(start)
        var elements: [Node] = []
        var weight = YAMLReader.Limits.nodeWeight
        while try next(&events) != YAML_SEQUENCE_END_EVENT {
            let element = try node(&events)
            elements.append(element.node)
            weight += element.weight
        }
        return finish(.sequence(elements), start, events.span, anchor, tag, weight)
    }

    private mutating func mapping(_ events: inout EventStream) throws(Stop) -> (Node, Int) {
        let start = events.span
        let (anchor, tag) = (
            copy(events.event.data.mapping_start.anchor), copy(events.event.data.mapping_start.tag)
        )
        try enter(start)
        var entries: [Node.Entry] = []
        var keys = MappingKeys()
        var weight = YAMLReader.Limits.nodeWeight
        while try next(&events) != YAML_MAPPING_END_EVENT {
            let key = try node(&events)
            _ = try next(&events)
            let value = try node(&events)
            weight += key.weight + value.weight
            guard let text = keyText(key.node) else { continue }
            if let first = keys.insert(text, key.node.span) {
                sink.add(
                    .duplicateKey, "the key `\(text)` appears twice", at: key.node.span,
                    hint: "the first one is at line \(first.start.line)")
            } else {
                entries.append(Node.Entry(key: text, keySpan: key.node.span, value: value.node))
            }
        }
        return finish(.mapping(entries), start, events.span, anchor, tag, weight)
    }

    private mutating func enter(_ span: Span) throws(Stop) {
        depth += 1
        guard depth > YAMLReader.Limits.depth else { return }
        sink.add(.tooDeep, "more than \(YAMLReader.Limits.depth) levels within each other", at: span)
        throw Stop()
    }

    private mutating func finish(
        _ content: Node.Content, _ start: Span, _ end: Span, _ anchor: String?, _ tag: String?, _ weight: Int
    ) -> (Node, Int) {
        depth -= 1
        // A block collection ends where the next token begins, which says nothing; it is named by its start.
        var node = Node(
            content: content, span: Span(start: start.start, end: start.end, source: start.source))
        if let tag {
            reportTag(tag, node.span)
            node.content = .invalid
        }
        if let anchor { anchors[anchor] = Anchor(node: node, weight: weight) }
        return (node, weight)
    }

    /// The text of a key, or nil after a report.
    private mutating func keyText(_ key: Node) -> String? {
        switch key.content {
        case .scalar(let scalar) where scalar.style == .plain && scalar.text == "<<":
            sink.add(
                .mergeKey, "merge keys are not supported", at: key.span,
                hint: "write the fields out, or use an alias for the whole value")
            return nil
        case .scalar(let scalar) where scalar.tag == .string: return scalar.text
        case .scalar(let scalar) where scalar.text.isEmpty:
            sink.add(.syntax, "a key is missing before `:`", at: key.span)
            return nil
        case .scalar(let scalar):
            sink.add(
                .ambiguousScalar, "the key `\(scalar.text)` is not a string", at: key.span,
                hint: "quote it: \"\(scalar.text)\"")
            return nil
        case .sequence, .mapping:
            sink.add(
                .wrongType, "a key must be a string, not \(key.summary)", at: key.span,
                hint: "a value that begins with `{` or `[` must be quoted when it is a text")
            return nil
        case .invalid: return nil
        }
    }

    // MARK: Anchors

    private mutating func alias(_ event: yaml_event_t, _ span: Span) throws(Stop) -> (Node, Int) {
        let name = String(cString: event.data.alias.anchor)
        guard let anchor = anchors[name] else {
            sink.add(
                .unknownAlias, "`*\(name)` refers to an anchor that is not defined before it", at: span,
                hint: "an unquoted value that begins with `*` is an alias: quote it if it is a text")
            return (Node(content: .invalid, span: span), 0)
        }
        aliasWeight += anchor.weight
        guard aliasWeight <= YAMLReader.Limits.aliasWeight else {
            sink.add(
                .aliasBomb,
                "the aliases of this document multiply to more than \(YAMLReader.Limits.fileSize)", at: span)
            throw Stop()
        }
        return (anchor.node, anchor.weight)
    }

    private mutating func define(_ name: UnsafeMutablePointer<yaml_char_t>?, _ node: Node, _ weight: Int) {
        guard let name = copy(name) else { return }
        anchors[name] = Anchor(node: node, weight: weight)
    }

    private func copy(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }
}

/// The keys of one mapping; a small one is searched, a large one has an index.
private struct MappingKeys {
    private var list: [(key: String, span: Span)] = []
    private var index: [String: Span] = [:]
    private static let indexedFrom = 16

    /// The span of an earlier key with the same text.
    mutating func insert(_ key: String, _ span: Span) -> Span? {
        if index.isEmpty {
            if let earlier = list.first(where: { $0.key == key }) { return earlier.span }
            list.append((key, span))
            if list.count == Self.indexedFrom { for (key, span) in list { index[key] = span } }
            return nil
        }
        if let earlier = index[key] { return earlier }
        index[key] = span
        return nil
    }
}
