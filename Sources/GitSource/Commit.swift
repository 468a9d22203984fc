/// What a commit says about itself.
package struct Commit: Sendable, Hashable {
    package let id: ObjectID
    package let parents: [ObjectID]
    package let tree: ObjectID
    /// First line of the message.
    package let subject: String
    package let authorName: String
    package let authorEmail: String
    /// Milliseconds since 1970.
    package let authoredAt: Int64
    /// Milliseconds since 1970.
    package let committedAt: Int64
}
