import JSON
import NIOCore
import NIOPosix
import OutboundHTTP

/// The API of a running sidecar, for commands.
struct SidecarClient {
    private let url: String
    private let token: String
    private let tls: TLSProfile

    /// In bytes.
    private static let answerLimit = 256 << 20

    /// - Parameters:
    ///   - authorities: PEM; trusted instead of the system's.
    ///   - certificate: PEM; the only one that the sidecar may show, for one on this machine, whose certificate is not made
    ///     for this name.
    init(url: String, token: String, authorities: [UInt8]? = nil, certificate: [UInt8]? = nil) throws {
        tls = try TLSProfile(roots: authorities, pinned: certificate)
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        _ = try OutboundTarget(self.url)
    }

    /// Whether a text is the address of a sidecar: scheme, host, port, and the path of a proxy in front of it.
    static func isAddress(_ text: String) -> Bool {
        guard PublicURL(argument: text) != nil else { return false }
        do { _ = try OutboundTarget(text) } catch { return false }
        return true
    }

    /// Whether others on the way can read what is sent there.
    static func isOverheard(_ url: String) throws -> Bool {
        guard url.hasPrefix("http://") else { return false }
        switch try OutboundTarget(url).host {
        case .address(let address): return address.addressClass != .loopback
        case .name(let name): return name != "localhost"
        }
    }

    func get(_ path: String, query: [(String, String?)] = [], timeout: Duration = .seconds(60)) async throws
        -> JSONValue
    {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return try await send(
            .get, path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")), body: nil,
            timeout: timeout)
    }

    func post(_ path: String, body: [UInt8]) async throws -> JSONValue {
        try await send(.post, path, body: body, timeout: .seconds(60))
    }

    /// What an answer says; a sidecar of another version may say it in another form.
    static func understood<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else {
            throw Failure(
                "cannot read \(what) from the sidecar's answer",
                hint: "use the same version of zentra-sync on both sides")
        }
        return value
    }

    private func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]?, timeout: Duration
    ) async throws -> JSONValue {
        var headers = [("Authorization", "Bearer \(token)"), ("Accept", "application/json")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let template = RequestTemplate(
            method: method, target: try OutboundTarget(url + path), headers: try RequestHeaders(headers))
        let request = template.request(
            body: body ?? [], bodyLimit: Self.answerLimit, timeout: timeout,
            isRepeatable: false)
        return try result(try await execute(request))
    }

    private func execute(_ request: OutboundRequest) async throws -> OutboundOutcome {
        // The person chose the server: the guard is for addresses that come from configuration.
        let policy = AddressPolicy(allowedNetworks: ["0.0.0.0/0", "::/0"], allowsPlainHTTP: true)
        let client = OutboundClient(
            group: MultiThreadedEventLoopGroup.singleton, policy: policy, tls: tls)
        let outcome: OutboundOutcome
        do { outcome = try await client.execute(request) } catch {
            await client.shutdown(grace: .zero)
            throw error
        }
        await client.shutdown(grace: .zero)
        return outcome
    }

    private func result(_ outcome: OutboundOutcome) throws -> JSONValue {
        switch outcome {
        case .failure(let failure):
            throw Failure(
                "cannot reach the sidecar at \(url): \(failure.message)",
                hint: failure.class == .tls
                    ? "does it have TLS, and a certificate for that name? An authority that this machine does not know is "
                        + "named with --server-ca-file" : nil)
        case .response(let response):
            guard !response.isTruncated else {
                throw Failure(
                    "the answer of the sidecar at \(url) is larger than \(Self.answerLimit >> 20) MiB",
                    hint: "run the command beside it, with --state")
            }
            guard let value = try? JSONValue(parsing: response.body.readableBytesView) else {
                throw Failure("the sidecar at \(url) answered \(response.status) without JSON")
            }
            guard 200..<300 ~= response.status else {
                throw SidecarProblem(
                    status: Int(response.status),
                    code: value["type"]?.string?.split(separator: "/").last.map(String.init) ?? "",
                    detail: value["detail"]?.string ?? value["title"]?.string ?? "no reason given")
            }
            return value
        }
    }
}

/// What a sidecar answered instead of doing what it was asked for.
struct SidecarProblem: Error, CustomStringConvertible {
    let status: Int
    /// The stable word of the problem, such as `stale`.
    let code: String
    let detail: String

    var description: String { "the sidecar answered \(status): \(detail)" }

    /// What to do about it, where that is not plain.
    var hint: String? {
        switch status {
        case 401: "the file of the token has to hold the value of an `ApiToken` that is live there"
        case 404 where detail == "there is nothing at this path":
            "is it the address of `run --listen`? The listener for operators has no API"
        default: nil
        }
    }
}

/// Percent-encoding of a query value (RFC 3986): everything but unreserved characters.
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                output += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return output
    }
}
