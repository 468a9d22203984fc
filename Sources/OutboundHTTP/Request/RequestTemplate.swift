import NIOCore

/// What a series of requests to one target has in common; its part of the head is prepared as bytes.
///
/// A reference, because every request takes it; immutable.
package final class RequestTemplate: Sendable {
    package let method: HTTPMethod
    package let target: OutboundTarget
    /// `METHOD /path HTTP/1.1`, without its line end: a proxy wants another form.
    private let requestLine: [UInt8]
    /// The line end, `Host`, and the common fields.
    private let commonLines: [UInt8]

    /// The body is declined compressed, so that what is captured is what the receiver wrote.
    package init(
        method: HTTPMethod = .post, target: OutboundTarget, headers: RequestHeaders = RequestHeaders()
    ) {
        self.method = method
        self.target = target
        requestLine = Array("\(method.name) \(target.pathAndQuery) HTTP/1.1".utf8)
        let common = "\r\nHost: \(target.authority)\r\nAccept-Encoding: identity\r\n"
        commonLines = Array(common.utf8) + headers.lines
    }

    /// Builds one request.
    ///
    /// - Parameters:
    ///   - headers: fields of this request, besides the common ones.
    ///   - bodyLimit: how much of the response's body to keep, in bytes.
    ///   - timeout: for the whole exchange, from the call of `execute` to the last byte.
    ///   - isRepeatable: whether the receiver recognises a repeated request; by default as the method says.
    package func request(
        headers: RequestHeaders = RequestHeaders(), body: [UInt8] = [], bodyLimit: Int = 16 * 1024,
        timeout: Duration = .seconds(15), isRepeatable: Bool? = nil
    ) -> OutboundRequest {
        let inlinesBody = body.count <= OutboundRequest.inlineBodyLimit
        let hasLength = !body.isEmpty || method.expectsBody
        let size =
            requestLine.count + commonLines.count + headers.lines.count + 32
            + ByteBuffer.numberSize + (inlinesBody ? body.count : 0)
        var bytes = ByteBufferAllocator().buffer(capacity: size)
        bytes.append(atMost: size) { bytes in
            bytes.write(requestLine)
            bytes.write(commonLines)
            bytes.write(headers.lines)
            if hasLength {
                bytes.write("Content-Length: ")
                bytes.write(body.count)
                bytes.write("\r\n")
            }
            bytes.write("\r\n")
            if inlinesBody { bytes.write(body) }
        }
        return OutboundRequest(
            method: method, target: target, bytes: bytes, requestLineLength: requestLine.count,
            largeBody: inlinesBody ? nil : ByteBuffer(bytes: body), bodyLimit: max(0, bodyLimit),
            timeout: TimeAmount(timeout), isRepeatable: isRepeatable ?? method.isIdempotent)
    }
}
