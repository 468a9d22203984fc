/// A document as it is read: with what lies above it merged into it.
struct LayeredDocument: Sendable {
    /// A value of the base that an overlay took away.
    struct Removal: Sendable {
        /// As ``MemberPath`` writes it.
        let path: String
        /// Of the `null` in the overlay.
        let span: Span
    }

    let root: Node
    var removals: [Removal] = []
}
