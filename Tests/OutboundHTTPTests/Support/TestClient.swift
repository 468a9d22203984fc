import NIOCore
import NIOPosix
import OutboundHTTP

/// The system's roots are read once for all tests.
let sharedProfile = Result { try TLSProfile() }

/// Runs `body` with a client that may reach loopback over plain HTTP, and shuts it down.
func withClient<T: Sendable>(
    limits: ClientLimits = .patient, policy: AddressPolicy = .loopback,
    proxy: OutboundProxy? = nil, resolver: any AddressResolver = StubResolver(),
    group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup,
    body: (OutboundClient) async throws -> T
) async throws -> T {
    let client = OutboundClient(
        group: group, policy: policy, tls: try sharedProfile.get(), limits: limits, proxy: proxy,
        resolver: resolver)
    do {
        let result = try await body(client)
        await client.shutdown(grace: .zero)
        return result
    } catch {
        await client.shutdown(grace: .zero)
        throw error
    }
}

/// One event loop as a group, so that all requests share one pool.
func singleLoop() -> any EventLoopGroup { MultiThreadedEventLoopGroup.singleton.next() }

extension ClientLimits {
    /// Nothing ends because the machine is busy.
    static var patient: ClientLimits {
        var limits = ClientLimits()
        limits.connectTimeout = .seconds(60)
        limits.resolveTimeout = .seconds(60)
        limits.resolutionLifetime = .seconds(3600)
        limits.idleTimeout = .seconds(3600)
        return limits
    }
}

extension AddressPolicy {
    static var loopback: AddressPolicy {
        AddressPolicy(allowedNetworks: ["127.0.0.0/8", "::1/128"], allowsPlainHTTP: true)
    }
}

extension OutboundClient {
    /// Posts a small body.
    func post(
        _ url: String, body: String = "{}", bodyLimit: Int = 16 * 1024, timeout: Duration = .seconds(60),
        tls: TLSProfile? = nil, method: HTTPMethod = .post, isRepeatable: Bool? = nil
    ) async throws -> OutboundOutcome {
        let template = RequestTemplate(method: method, target: try OutboundTarget(url, tls: tls))
        return try await execute(
            template.request(
                body: Array(body.utf8), bodyLimit: bodyLimit, timeout: timeout,
                isRepeatable: isRepeatable))
    }
}

extension OutboundOutcome {
    var response: OutboundResponse? {
        if case .response(let response) = self { response } else { nil }
    }

    var failure: OutboundFailure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension OutboundResponse {
    var text: String { String(buffer: body) }
}
