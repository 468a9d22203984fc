import Resources

extension DesiredSource {
    /// A plain folder: the working tree as it is.
    package static func folder(_ path: String) -> DesiredSource {
        DesiredSource(description: path) {
            let files = try DirectoryReader(root: path).files()
            let listing = files.map { "\($0.path) \($0.contentID)\n" }.joined()
            return SourceSnapshot(
                revision: SourceRevision(commit: "", subject: "", reference: path),
                contentID: ResourceDigest(of: listing).hex, files: { _ in SourceFiles(files: files) })
        }
    }
}
