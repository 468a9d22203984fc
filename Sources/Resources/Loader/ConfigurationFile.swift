/// A file that may hold resources.
package struct ConfigurationFile: Sendable {
    /// Below the configured root, with `/`.
    package let path: String
    /// Changes whenever the content does; a git blob's id, for example. Unchanged files are not read again.
    package let contentID: String
    let read: @Sendable () throws -> [UInt8]

    package init(path: String, contentID: String, read: @escaping @Sendable () throws -> [UInt8]) {
        self.path = path
        self.contentID = contentID
        self.read = read
    }

    package init(path: String, contentID: String, bytes: [UInt8]) {
        self.init(path: path, contentID: contentID) { bytes }
    }
}
