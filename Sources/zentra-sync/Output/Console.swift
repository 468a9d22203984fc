import Glibc
import Log
import Synchronization

/// The two streams of the process: results go to standard output, everything else to standard error.
struct Console: Sendable {
    /// When to colour.
    enum Colour: String, CaseIterable, Sendable {
        case auto, always, never
    }

    static let standard = Console()
    /// Why a result could not be written, as `errno`; 0 when all was.
    private static let failure = Atomic<Int32>(0)

    /// Why results are missing on standard output, for example because the disk behind it is full. A reader that goes
    /// away, as `head` does, has what it wanted.
    var lostResults: String? {
        let code = Self.failure.load(ordering: .relaxed)
        return code == 0 ? nil : "cannot write standard output: \(String(cString: strerror(code)))"
    }

    /// Colours on standard output and on standard error.
    func isColoured(_ choice: Colour, _ descriptor: Int32 = STDOUT_FILENO) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto: isatty(descriptor) == 1 && !hasNoColours
        }
    }

    /// NO_COLOR (no-color.org), or a terminal that has none.
    private var hasNoColours: Bool {
        let isAsked = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return isAsked || getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    }

    /// How many characters a line has on the terminal that results go to; nil where there is none, or none that says so.
    var width: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return nil }
        return Int(size.ws_col)
    }

    /// A result.
    func print(_ text: String) { write(text + "\n", STDOUT_FILENO) }

    /// A result that brings its own line ends.
    func write(_ text: String) { write(text, STDOUT_FILENO) }

    /// Something about the work, not its result.
    func note(_ text: String) { write(text + "\n", STDERR_FILENO) }

    /// A question, whose answer is typed behind it.
    func ask(_ text: String) { write(text, STDERR_FILENO) }

    func warning(_ text: String) { note("warning: " + text) }

    func error(_ text: String, hint: String?) {
        note("error: " + text)
        if let hint { note("hint: " + hint) }
    }

    private func write(_ text: String, _ descriptor: Int32) {
        // Behind the lines of the log, and no sooner stuck than they are.
        if descriptor == STDERR_FILENO, let log = SidecarLog.writer { return log.write(Array(text.utf8)) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // Whoever shares the stream made it non-blocking.
            if count < 0 && errno == EAGAIN {
                var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&stream, 1, -1)
                continue
            }
            guard count > 0 else {
                // A closed pipe: nobody reads on.
                if descriptor == STDOUT_FILENO && errno != EPIPE {
                    Self.failure.store(errno, ordering: .relaxed)
                }
                return
            }
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
