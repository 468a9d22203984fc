import Resources

/// A folder with a configuration that a command reads as it is.
struct WorkingTree {
    let folder: String

    init(_ folder: String) { self.folder = folder }

    /// Its files; says what was not followed.
    func files() throws -> [ConfigurationFile] {
        let listing = try DirectoryReader(root: folder).listing()
        for entry in listing.skipped { Console.standard.warning("\(entry) and was not read") }
        return listing.files
    }

    /// What stands before the paths of files, so that they are shown as they are seen from where the command was called.
    var pathPrefix: String {
        let trimmed = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return trimmed == "." ? "" : trimmed + "/"
    }
}
