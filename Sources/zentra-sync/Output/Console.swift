import Glibc

/// The two streams of the process: results go to standard output, everything else to standard error.
struct Console: Sendable {
    /// When to colour.
    enum Colour: String, CaseIterable, Sendable {
        case auto, always, never
    }

    static let standard = Console()

    /// Colours on standard output and on standard error.
    func isColoured(_ choice: Colour, _ descriptor: Int32 = STDOUT_FILENO) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto: isatty(descriptor) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        }
    }

    /// A result.
    func print(_ text: String) { write(text + "\n", STDOUT_FILENO) }

    /// A result that brings its own line ends.
    func write(_ text: String) { write(text, STDOUT_FILENO) }

    /// Something about the work, not its result.
    func note(_ text: String) { write(text + "\n", STDERR_FILENO) }

    func warning(_ text: String) { note("warning: " + text) }

    func error(_ text: String, hint: String?) {
        note("error: " + text)
        if let hint { note("hint: " + hint) }
    }

    private func write(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // A closed pipe: nobody reads on.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// Terminal colours (ECMA-48).
struct Palette: Sendable {
    let isColoured: Bool

    func bold(_ text: String) -> String { style("1", text) }
    func dim(_ text: String) -> String { style("2", text) }
    func red(_ text: String) -> String { style("31", text) }
    func green(_ text: String) -> String { style("32", text) }
    func yellow(_ text: String) -> String { style("33", text) }

    private func style(_ code: String, _ text: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
