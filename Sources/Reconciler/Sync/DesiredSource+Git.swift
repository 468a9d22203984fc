package import GitSource
import Resources

extension DesiredSource {
    /// One reference of a git repository.
    ///
    /// - Parameter allowedSigners: a file in OpenSSH's allowed_signers format, read again for every fetch; nil asks for
    ///   no signatures.
    package static func git(_ cache: GitCache, allowedSigners: String? = nil) -> DesiredSource {
        let remote = cache.remote
        return DesiredSource(
            description: GitSourceName(remote).description, location: "\(remote.url)",
            fetch: { try await snapshot(cache, allowedSigners) }, makeReady: cache.makeReady)
    }

    private static func snapshot(_ cache: GitCache, _ allowedSigners: String?) async throws -> SourceSnapshot
    {
        let fetched = try await cache.fetch()
        let revision = SourceRevision(
            commit: fetched.commit.id.hex, subject: fetched.commit.subject,
            reference: fetched.shortReference)
        return SourceSnapshot(
            revision: revision, contentID: fetched.pathTree.hex,
            files: { basis in
                try await GitFiles(cache: cache, commit: fetched.commit.id, tree: fetched.pathTree)
                    .read(since: basis)
            },
            history: { applied in
                guard let applied = ObjectID(hex: applied) else { return .none }
                return try await cache.isAncestor(applied, of: fetched.commit.id) ? .descends : .rewritten
            },
            verification: try allowedSigners.map { file in
                try .git(cache, fetched.commit.id, allowedSigners: file)
            })
    }
}

extension SourceSnapshot.Verification {
    fileprivate static func git(
        _ cache: GitCache, _ commit: ObjectID, allowedSigners file: String
    ) throws -> SourceSnapshot.Verification {
        SourceSnapshot.Verification(id: try GitCache.identity(ofAllowedSigners: file)) { applied in
            let checked = try await cache.checkSignatures(
                after: ObjectID(hex: applied), upTo: commit, allowedSigners: file)
            return checked.compactMap { checked in
                guard case .refused(let reason) = checked.verdict else { return nil }
                return Unverified(
                    id: checked.commit.id.hex, subject: checked.commit.subject, reason: reason)
            }
        }
    }
}

extension FetchedRevision {
    /// `main` rather than `refs/heads/main`; the commit's short id when a commit was asked for.
    fileprivate var shortReference: String {
        guard let reference else { return commit.id.short }
        for prefix in ["refs/heads/", "refs/tags/"] where reference.hasPrefix(prefix) {
            return String(reference.dropFirst(prefix.count))
        }
        return reference
    }
}

/// The configuration files of a commit, of which only those that changed are read.
private struct GitFiles {
    let cache: GitCache
    let commit: ObjectID
    /// Of the configured path.
    let tree: ObjectID

    func read(since basis: SourceBasis?) async throws -> SourceFiles {
        if let basis, let changes = try await changes(since: basis) { return changes }
        let listing = try await cache.files(of: commit)
        let filter = try await filter(listing)
        let files = listing.files.filter { filter.includes($0.path) }
        let contents = try await cache.blobs(files.map(\.blob))
        return SourceFiles(
            .all(files.map { Self.file($0, contents) }), skipped: Self.lines(listing.skipped, filter),
            basis: SourceBasis(contentID: tree.hex, entries: listing.entries, filter: filter))
    }

    /// nil when everything has to be read.
    private func changes(since basis: SourceBasis) async throws -> SourceFiles? {
        let filter = basis.filter
        guard let old = ObjectID(hex: basis.contentID),
            let changed = try await cache.changes(
                of: commit, since: TreeBasis(tree: old, entries: basis.entries), reading: filter.includes)
        else { return nil }
        let changes = changed.changes
        // Other rules make other files of those that did not change.
        let paths = changes.updated.map(\.path) + changes.skipped.map(\.path) + changes.removed
        guard !paths.contains(PathFilter.ignoreFile) else { return nil }
        let updated = changes.updated.filter { filter.includes($0.path) }
        return SourceFiles(
            .changes(
                FileChanges(
                    updated: updated.map { Self.file($0, changed.contents) }, removed: changes.removed)),
            skipped: Self.lines(changes.skipped, filter),
            basis: SourceBasis(
                contentID: changed.basis.tree.hex, entries: changed.basis.entries, filter: filter))
    }

    private static func file(_ file: TreeFile, _ contents: [ObjectID: BlobContent]) -> ConfigurationFile {
        let content = contents[file.blob]
        return ConfigurationFile(path: file.path, contentID: file.blob.hex) { try bytes(content) }
    }

    private static func lines(_ skipped: [SkippedEntry], _ filter: PathFilter) -> [String: String] {
        let relevant = skipped.filter { filter.concerns($0.path) }
        return Dictionary(relevant.map { ($0.path, "`\($0.path)` \($0.reason.rawValue)") }) { first, _ in
            first
        }
    }

    /// - Throws: when the ignore rules cannot be had: without them more would be read than somebody wants.
    private func filter(_ listing: TreeListing) async throws -> PathFilter {
        let name = PathFilter.ignoreFile
        if let entry = listing.skipped.first(where: { $0.path == name }) {
            throw UnreadableFile(reason: "`\(name)` \(entry.reason.rawValue)")
        }
        guard let rules = listing.files.first(where: { $0.path == name }) else { return PathFilter() }
        let content = try await cache.blobs([rules.blob])[rules.blob]
        do {
            return PathFilter(rules: IgnoreRules(String(decoding: try Self.bytes(content), as: UTF8.self)))
        } catch let error as UnreadableFile {
            throw UnreadableFile(reason: "cannot read `\(name)`: \(error.reason)")
        }
    }

    private static func bytes(_ content: BlobContent?) throws -> [UInt8] {
        switch content {
        case .bytes(let bytes)?: return bytes
        case .tooLarge(let count)?: throw UnreadableFile(reason: "it has \(count) bytes, which is too large")
        case nil: throw UnreadableFile(reason: "its content is not in the cache")
        }
    }
}

/// Why a file of a commit has no content; becomes a diagnostic of that file.
private struct UnreadableFile: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
