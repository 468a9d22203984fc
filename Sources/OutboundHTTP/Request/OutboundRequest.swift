import NIOCore

/// A request as the bytes that will go out; made by `RequestTemplate`, so that it is well-formed by
/// construction.
package struct OutboundRequest: Sendable {
    /// Bodies up to this size are copied behind the head, so that both leave in one write.
    static let inlineBodyLimit = 16 * 1024

    package let method: HTTPMethod
    package let target: OutboundTarget
    /// The head, and the body if it is small.
    let bytes: ByteBuffer
    /// Of `bytes`, what a proxy gets in another form.
    let requestLineLength: Int
    let largeBody: ByteBuffer?
    package let bodyLimit: Int
    let timeout: TimeAmount
    /// Whether it may be sent again although the first copy may have been processed.
    package let isRepeatable: Bool
}
