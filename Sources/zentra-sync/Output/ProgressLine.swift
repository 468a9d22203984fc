import Glibc

/// One line on the terminal that says what takes long; nothing when standard error is none.
struct ProgressLine {
    private let isShown: Bool

    init() {
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        isShown = isatty(STDERR_FILENO) == 1 && !isDumb
    }

    /// Replaces the line.
    func show(_ text: String) { write("\r\u{1B}[K\(text)…") }

    /// Takes the line away, before anything else is printed.
    func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        guard isShown else { return }
        let bytes = Array(text.utf8)
        // What is not shown is missed by nobody.
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
