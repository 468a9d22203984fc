/// A journal entry or a snapshot that cannot be read: it is damaged, or of a later release.
package struct JournalError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
