import NIOCore

/// A whole request in its plainest form (RFC 9112): one that a general parser would read in the same way, and no other.
///
/// What is not plain is for the general parser, with every byte that came: several requests at once, a body that is
/// chunked or not all there, folded lines, anything that says how the connection goes on.
struct PlainRequest {
    let head: PlainHead
    let body: ByteBuffer

    /// nil when the bytes are anything but one plain POST of `path`.
    ///
    /// - Parameter known: the head of an earlier POST of that path.
    init?(_ bytes: ByteBuffer, path: String, bodyLimit: Int, known: PlainHead? = nil) {
        let read = bytes.withUnsafeReadableBytes { bytes -> (head: PlainHead, size: Int, body: Int)? in
            if let known, let sizes = known.sizes(bytes) { return (known, sizes.head, sizes.body) }
            guard let head = PlainHead(bytes, path: path), let sizes = head.sizes(bytes) else { return nil }
            return (head, sizes.head, sizes.body)
        }
        guard let read, read.body <= bodyLimit, bytes.readableBytes == read.size + read.body,
            let body = bytes.getSlice(at: bytes.readerIndex + read.size, length: read.body)
        else { return nil }
        (head, self.body) = (read.head, body)
    }
}
