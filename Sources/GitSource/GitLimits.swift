/// Bounds of what is taken from a repository. Reaching one is an error that names it.
package struct GitLimits: Sendable, Equatable {
    /// Files and skipped entries below the configured path.
    package var entries = 200_000
    /// Folders within each other below the configured path.
    package var depth = 64
    /// One file; a larger one is reported and not read.
    package var blobBytes = 4 << 20
    /// The files of one call together.
    package var totalBlobBytes = 512 << 20
    /// What one fetch may download.
    package var downloadBytes = 2 << 30
    /// Address space of the child process.
    package var childMemoryBytes = 4 << 30
    /// Packs in the cache before they are merged.
    package var packs = 50
    /// Merging packs, which counts for no fetch's timeout; what takes longer is cloned anew.
    package var compactionTime = Duration.seconds(30)

    package init() {}
}
