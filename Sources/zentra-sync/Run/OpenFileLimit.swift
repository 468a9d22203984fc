import Glibc

/// How many files and connections this process may have open (`getrlimit(2)`).
enum OpenFileLimit {
    /// Raises it as far as this process may, and returns it.
    ///
    /// Most systems begin with 1,024, for the sake of programs that use `select(2)`, and allow far more.
    static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return .max }
        let known = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let current = setrlimit(resource, &limit) == 0 ? limit.rlim_cur : known
        return Int(clamping: current)
    }
}
