internal import CLibYAML

/// Reads the documents of a YAML file into nodes: strict YAML 1.2 with the core schema, on libyaml's events.
///
/// Refused, each with its own diagnostic: duplicate keys, keys that are not strings, merge keys, tags, numbers with
/// leading zeros, recursive or unknown aliases, aliases that multiply beyond ``Limits``, and deep nesting. What one
/// document does wrong is no reason not to read the next.
package struct YAMLReader {
    /// What a file may ask of the reader.
    enum Limits {
        static let fileSize = ByteCount.mebibytes(1)
        /// Sequences and mappings within each other.
        static let depth = 100
        /// What all aliases of a document may add: bytes of scalars, and ``nodeWeight`` for each node.
        static let aliasWeight = 1 << 20
        static let nodeWeight = 8
    }

    /// The documents that could be read, without the empty ones; the problems go to `sink`.
    package static func read(_ source: SourceFile, into sink: inout DiagnosticSink, index: Int32 = 0)
        -> [Node]
    {
        guard SourceCheck.accepts(source, into: &sink) else { return [] }
        var documents: [Node] = []
        var start: (offset: Int, line: Int32)? = (0, 0)
        while let (offset, line) = start, !sink.isFull {
            start = source.bytes.withUnsafeBufferPointer { (bytes) -> (offset: Int, line: Int32)? in
                let rest = UnsafeBufferPointer(rebasing: bytes[offset...])
                var events = EventStream(rest, firstLine: line, source: index)
                defer { events.close() }
                var composer = Composer(sink: sink)
                defer { sink = composer.sink }
                composer.readStream(&events, into: &documents)
                guard let failure = events.failure else { return nil }
                let explanation = SyntaxExplanation(failure, in: source)
                composer.sink.add(
                    .syntax, explanation.message, at: failure.mark, source: index, hint: explanation.hint)
                return nextDocument(after: failure.mark.line, in: source)
            }
        }
        return documents
    }

    /// One document of a file that was read before; nil when there is none at this line.
    static func document(of source: SourceFile, atLine line: Int) -> Node? {
        guard let offset = source.offset(ofLine: line) else { return nil }
        return source.bytes.withUnsafeBufferPointer { bytes in
            var events = EventStream(
                UnsafeBufferPointer(rebasing: bytes[offset...]), firstLine: Int32(line - 1), source: 0)
            defer { events.close() }
            var composer = Composer(sink: DiagnosticSink([source]))
            var documents: [Node] = []
            composer.readStream(&events, into: &documents, upTo: 1)
            return documents.first
        }
    }

    /// Where reading goes on after a syntax error: the next line that starts a document.
    private static func nextDocument(after line: Int32, in source: SourceFile) -> (offset: Int, line: Int32)?
    {
        var line = line
        while let offset = source.offset(ofLine: Int(line)), offset < source.bytes.count {
            if source.bytes[offset...].starts(with: "---".utf8) { return (offset, line - 1) }
            line += 1
        }
        return nil
    }
}
