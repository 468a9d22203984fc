import NIOCore

/// The first bytes of a body. They are copied, because a slice would keep the whole buffer of a read alive.
struct BodyCapture {
    private(set) var bytes = ByteBuffer()
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Keeps what fits; `false` when something did not.
    mutating func append(_ slice: ByteBuffer) -> Bool {
        let room = limit - bytes.readableBytes
        if slice.readableBytes <= room {
            bytes.writeImmutableBuffer(slice)
            return true
        }
        bytes.writeBytes(slice.readableBytesView.prefix(room))
        return false
    }
}
