import CLibGit2

/// The library's process-wide state.
package enum LibGit2 {
    /// Starts the library once: no configuration of system or user, no owner validation.
    ///
    /// Whoever opens the cache has checked its owner and mode; libgit2's own check would refuse volumes that
    /// belong to another user.
    static func initialize() { _ = once }

    private static let once: Void = {
        git_libgit2_init()
        let levels = [
            GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
            GIT_CONFIG_LEVEL_GLOBAL,
        ]
        for level in levels { zs_git_set_search_path(level.rawValue, "") }
        zs_git_set_owner_validation(0)
        zs_git_set_mapped_limit(256 << 20)
        zs_git_set_cache_limit(32 << 20)
    }()

    /// For example `1.5.1`.
    package static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        git_libgit2_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}
