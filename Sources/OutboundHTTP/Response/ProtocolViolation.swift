/// How an answer breaks HTTP/1.1; the text goes into the log.
enum ProtocolViolation: String, Error, Sendable {
    case notHTTP = "the answer is not HTTP/1.x"
    case badStatusLine = "the status line is malformed"
    case badField = "a header line is malformed"
    case headTooLarge = "the head is too large"
    case tooManyFields = "the head has too many fields"
    case switchedProtocol = "the receiver switched protocols, which was not asked for"
    case severalLengths = "the answer has several lengths"
    case badLength = "the `Content-Length` is not a number"
    case badTransferEncoding = "the `Transfer-Encoding` is not `chunked`"
    case badChunk = "a chunk is malformed"
    case badTrailer = "a trailer is malformed"
    case unsolicited = "the receiver sent bytes that belong to no request"
}
