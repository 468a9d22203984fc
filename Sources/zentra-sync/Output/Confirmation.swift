import Glibc

/// Asks before something is changed.
enum Confirmation {
    /// - Throws: `Failure` when the answer is not `yes`, or when nobody is there to answer.
    static func ask(_ question: String, yes: Bool) throws {
        guard !yes else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure("cannot ask `\(question)`: standard input is not a terminal", hint: "pass --yes")
        }
        Console.standard.ask("\n\(question) Only `yes` does it: ")
        guard readLine() == "yes" else { throw Failure("not applied") }
    }
}
