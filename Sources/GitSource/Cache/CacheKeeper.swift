/// Keeps the cache folder healthy while nobody else uses it: removes leftovers, finds damage, replaces clones.
///
/// - Precondition for every operation: the caller holds the exclusive lock.
struct CacheKeeper: Sendable {
    /// Clones of other URLs that stay beside the current one.
    private static let otherClones = 3

    let folder: CacheFolder
    private var condition: CacheCondition { CacheCondition(folder.repository) }
    private var packs: PackFolder { PackFolder(of: folder.repository) }

    enum Need: Sendable, Equatable {
        case none
        /// Merge packs.
        case compaction
        /// There is no clone, or none that can be used.
        case clone
    }

    init(folder: CacheFolder) { self.folder = folder }

    /// Removes what a killed process may have left, and makes an empty home for the child.
    func tidy() throws(GitError) {
        let names = try FileTree.names(in: folder.path)
        for name in names where Self.isLeftover(name) {
            try FileTree.remove("\(folder.path)/\(name)")
        }
        try FileTree.remove(folder.home)
        try folder.makeHome()
        guard FileTree.exists(folder.repository) else { return try forgetOldClones(names) }
        for place in [folder.repository, "\(folder.repository)/refs/zentra-sync"] {
            for name in try FileTree.names(in: place) where name.hasSuffix(".lock") {
                try FileTree.remove("\(place)/\(name)")
            }
        }
        try packs.tidy()
    }

    private static func isLeftover(_ name: String) -> Bool {
        name.hasSuffix(".new") || name.hasSuffix(".old") || name.hasPrefix("verification-")
    }

    /// What to do before a fetch.
    func need(limits: GitLimits) throws(GitError) -> Need {
        guard FileTree.exists(folder.repository), !condition.isReportedDamaged else { return .clone }
        if try !condition.isSound, try !packs.isIntact() { return .clone }
        return try packs.packs().count > limits.packs ? .compaction : .none
    }

    /// Puts the complete new clone in place of the old one.
    func replace() throws(GitError) {
        try CacheCondition(folder.replacement).endChange()
        if FileTree.exists(folder.repository) { try FileTree.rename(folder.repository, to: folder.replaced) }
        try FileTree.rename(folder.replacement, to: folder.repository)
        try FileTree.remove(folder.replaced)
    }

    /// A new URL starts a new clone; the longest unused ones go.
    private func forgetOldClones(_ names: [String]) throws(GitError) {
        let clones = names.filter { $0.hasSuffix(".git") }.map { "\(folder.path)/\($0)" }
        let byUse = clones.sorted { FileTree.modified($0 + "/sound") > FileTree.modified($1 + "/sound") }
        for clone in byUse.dropFirst(Self.otherClones) { try FileTree.remove(clone) }
    }
}
