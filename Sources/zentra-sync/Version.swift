import CBuildInfo

/// What this binary is.
enum Version {
    static let current = "0.1.0"

    /// The commit of the build, with `+` behind it when the tree had changes.
    static var commit: String {
        let text = String(cString: zentra_sync_build_commit)
        return text.isEmpty ? "unknown" : text
    }
}
