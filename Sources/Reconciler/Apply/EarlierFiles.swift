import GitSource
import Glibc
import Resources
import Store

/// The files of earlier commits, as far as the clone beside the state still has them.
///
/// Only for what a plan tells beside what it does: nothing is fetched, nobody is waited for long, and what is not at hand
/// is nil.
package struct EarlierFiles: Sendable {
    private let cache: GitCache
    /// Blobs by path, of each commit that was asked for; empty for one that cannot be read.
    private var listings: [String: [String: ObjectID]] = [:]

    /// How long to wait while a fetch changes the clone.
    private static let patience = Duration.seconds(1)

    /// nil when there is no such clone.
    ///
    /// - Parameters:
    ///   - source: as ``DesiredSource/description`` of a git source says it, a ``GitSourceName``.
    ///   - cache: the folder of the clones; it is not made.
    package init?(source: String, cache folder: String) {
        guard let name = GitSourceName(source), access(folder, F_OK) == 0 else { return nil }
        do {
            let remote = try GitRemote(url: name.url, path: name.path, timeout: Self.patience)
            cache = try GitCache(directory: folder, remote: remote)
        } catch {
            return nil
        }
    }

    /// A resource that was applied, with the places of its values; nil unless its file alone says all of it.
    mutating func resource(_ row: LiveResource) async -> Resource? {
        guard let file = await file(row.file, of: row.commit),
            let resource = Loader.resource(in: file, atLine: row.line), resource.digest.hex == row.digest
        else { return nil }
        return resource
    }

    private mutating func file(_ path: String, of commit: String) async -> ConfigurationFile? {
        guard let id = ObjectID(hex: commit) else { return nil }
        do {
            if listings[commit] == nil {
                listings[commit] = [:]
                let files = try await cache.files(of: id).files
                listings[commit] = Dictionary(files.map { ($0.path, $0.blob) }) { first, _ in first }
            }
            guard let blob = listings[commit]?[path],
                case .bytes(let bytes)? = try await cache.blobs([blob])[blob]
            else { return nil }
            return ConfigurationFile(path: path, contentID: blob.hex, bytes: bytes)
        } catch {
            return nil
        }
    }
}
