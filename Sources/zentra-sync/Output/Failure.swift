/// Why a command could not do what was asked, for the person at the terminal.
struct Failure: Error, CustomStringConvertible {
    /// Verb, object, cause.
    let description: String
    /// What to do about it.
    let hint: String?
    let status: ExitStatus

    init(_ description: String, hint: String? = nil, status: ExitStatus = .failed) {
        self.description = description
        self.hint = hint
        self.status = status
    }
}
