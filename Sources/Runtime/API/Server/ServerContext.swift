import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes
import OutboundHTTP

/// What is known of a connection while a request is answered.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Whoever connected: the client, or a proxy in front of it.
    var peer: IPAddress? { channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) } }

    /// Tells a client that waits for it to send the body (RFC 9110, section 10.1.1).
    func askForBody(of request: Request) {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return }
        channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil)
    }
}
