/// What is known about the clone in the cache.
///
/// libgit2 does not flush what it writes, and a killed child leaves work half done. So a file in the clone
/// says in which boot of the machine it was last whole; it is away while the clone changes, and a read that
/// finds the clone broken leaves another one.
struct CacheCondition: Sendable {
    private let repository: String
    private var sound: String { repository + "/sound" }
    private var damaged: String { repository + "/damaged" }

    init(_ repository: String) { self.repository = repository }

    /// The clone is about to change.
    func beginChange() throws(GitError) { try FileTree.remove(sound) }

    /// The clone is whole.
    func endChange() throws(GitError) { try WholeFile.write(Self.bootID, to: sound) }

    /// A read found objects missing or broken.
    func reportDamage() throws(GitError) { try WholeFile.write([], to: damaged) }

    var isReportedDamaged: Bool { FileTree.exists(damaged) }

    /// False after an unclean stop, and in another boot than the last change: what the old one left in memory
    /// is lost when it ended badly.
    var isSound: Bool {
        get throws(GitError) {
            guard let recorded = try SmallFile.readIfPresent(sound, what: "cache condition") else {
                return false
            }
            return recorded == Self.bootID
        }
    }

    private static let bootID: [UInt8] = {
        let path = "/proc/sys/kernel/random/boot_id"
        // Without one every start counts as the same boot; a read that fails still heals.
        return (try? SmallFile.readIfPresent(path, what: "boot id")) ?? Array("unknown".utf8)
    }()
}
