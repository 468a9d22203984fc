import CLibGit2

/// Owns one object of libgit2 and frees it.
struct Owned: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// - Parameter create: sets the pointer and returns libgit2's code.
    init(
        _ free: @escaping (OpaquePointer?) -> Void, _ create: (inout OpaquePointer?) -> Int32
    ) throws(LibGit2Failure) {
        var pointer: OpaquePointer?
        try check(create(&pointer))
        guard let pointer else {
            throw LibGit2Failure(code: GIT_ERROR, area: GIT_ERROR_INVALID, message: "nothing was created")
        }
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }
}
