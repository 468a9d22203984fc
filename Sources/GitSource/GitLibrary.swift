/// The library behind this target.
package enum GitLibrary {
    /// For example `1.5.1`.
    package static var version: String { LibGit2.version }
}
