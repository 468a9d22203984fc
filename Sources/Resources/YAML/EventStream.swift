internal import CLibYAML

/// libyaml's parser over a buffer, one event at a time. The buffer outlives the stream; ``close()`` frees it.
struct EventStream: ~Copyable {
    /// Why libyaml cannot go on.
    struct Failure {
        let problem: String
        let context: String
        let mark: Mark
    }

    private(set) var failure: Failure?
    private(set) var event = yaml_event_t()
    private var parser: UnsafeMutablePointer<yaml_parser_t>
    private let firstLine: Int32
    private let source: Int32

    init(_ bytes: UnsafeBufferPointer<UInt8>, firstLine: Int32, source: Int32) {
        self.firstLine = firstLine
        self.source = source
        parser = .allocate(capacity: 1)
        // Fails only without memory.
        precondition(yaml_parser_initialize(parser) == 1, "libyaml cannot allocate a parser")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    mutating func close() {
        yaml_event_delete(&event)
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// Moves to the next event; false at a syntax error, which is then in ``failure``.
    mutating func next() -> Bool {
        yaml_event_delete(&event)
        guard yaml_parser_parse(parser, &event) == 1 else {
            failure = currentFailure()
            return false
        }
        return true
    }

    var span: Span { Span(start: mark(event.start_mark), end: mark(event.end_mark), source: source) }

    private func mark(_ mark: yaml_mark_t) -> Mark {
        Mark(
            line: Int32(truncatingIfNeeded: mark.line) + firstLine + 1,
            column: Int32(truncatingIfNeeded: mark.column) + 1)
    }

    private func currentFailure() -> Failure {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
        let context = parser.pointee.context.map { String(cString: $0) } ?? ""
        // The reader stops ahead of the scanner, and knows the offset only.
        let isReader = parser.pointee.error == YAML_READER_ERROR
        return Failure(
            problem: problem, context: context,
            mark: mark(isReader ? parser.pointee.mark : parser.pointee.problem_mark))
    }
}
