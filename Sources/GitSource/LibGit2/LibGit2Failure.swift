import CLibGit2

/// A failed call of libgit2, copied before another call on the thread can replace it.
struct LibGit2Failure: Error {
    let code: Int32
    let area: git_error_t
    let message: String

    /// - Precondition: called right after the call that returned `code`, on its thread.
    init(code: Int32) {
        self.code = code
        let last = git_error_last()
        area = last.map { git_error_t(UInt32($0.pointee.klass)) } ?? GIT_ERROR_NONE
        message = last?.pointee.message.map { String(cString: $0) } ?? "libgit2 error \(code)"
    }

    init(code: git_error_code, area: git_error_t, message: String) {
        self.code = code.rawValue
        self.area = area
        self.message = message
    }

    var isNotFound: Bool { code == GIT_ENOTFOUND.rawValue }
}

/// Throws when a call of libgit2 did not succeed.
func check(_ code: Int32) throws(LibGit2Failure) {
    if code < 0 { throw LibGit2Failure(code: code) }
}
