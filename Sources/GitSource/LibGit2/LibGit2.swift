import CLibGit2

/// The library's process-wide state.
package enum LibGit2 {
    /// Starts the library once, for the cache: no configuration of system or user, no owner validation.
    ///
    /// Whoever opens the cache has checked its owner and mode; libgit2's own check would refuse volumes that
    /// belong to another user.
    static func initialize() { _ = certificatesAtStart }

    /// Where Debian's libgit2 finds the authorities of the system; it reads them when it is started.
    private static let certificates = "/etc/ssl/certs/ca-certificates.crt"

    /// Reads the authorities of the system again if they changed since the library was started, which may be long ago in a
    /// child that was started ahead of its fetch.
    static func refreshCertificates() throws(LibGit2Failure) {
        let now = FileIdentity(certificates)
        if now != nil && now != certificatesAtStart { try check(zs_git_set_certificate_file(certificates)) }
    }

    private static let certificatesAtStart: FileIdentity? = {
        let found = FileIdentity(certificates)
        git_libgit2_init()
        let levels = [
            GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
            GIT_CONFIG_LEVEL_GLOBAL,
        ]
        for level in levels { zs_git_set_search_path(level.rawValue, "") }
        zs_git_set_owner_validation(0)
        // What is in the cache was named by its hash when it came, in the child; each read checks its checksum (RFC 1950).
        zs_git_set_hash_verification(0)
        zs_git_set_mapped_limit(256 << 20)
        zs_git_set_cache_limit(32 << 20)
        return found
    }()

    /// For the child, which reads what others wrote: each object is compared with its name, and trees are kept, up to those
    /// of 100,000 files, because it needs them more than once.
    static func prepareForStrangers() {
        zs_git_set_hash_verification(1)
        zs_git_set_cached_tree_limit(4 << 20)
    }

    /// For example `1.5.1`.
    package static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        git_libgit2_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}
