import Resources

extension DesiredSource {
    /// A plain folder: the working tree as it is.
    package static func folder(_ path: String) -> DesiredSource {
        DesiredSource(description: path) {
            let folder = try DirectoryReader(root: path).listing()
            let files = folder.files
            let listing = files.map { "\($0.path) \($0.contentID)\n" }.joined()
            return SourceSnapshot(
                revision: SourceRevision(commit: "", subject: "", reference: path),
                contentID: ResourceDigest(of: listing).hex,
                files: { _ in SourceFiles(files: files, skipped: folder.skipped) })
        }
    }
}
