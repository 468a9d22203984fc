import Expressions
import JSON
import Resources

/// An `InboundEndpoint` that is live.
struct ActiveEndpoint: Sendable {
    let name: String
    let spec: InboundEndpointSpec
    private let messageID: Program?
    private let correlationKey: Program?

    private static let declarations = Declarations(["event": .dyn])

    /// - Throws: `CompilationError`.
    init(name: String, spec: InboundEndpointSpec) throws {
        self.name = name
        self.spec = spec
        messageID = try spec.messageID.map { try Program.compile($0, in: Self.declarations) }
        correlationKey = try spec.correlation.map { try Program.compile($0.key, in: Self.declarations) }
    }

    /// The names of the secrets that requests are verified with.
    var secrets: InboundEndpointSpec.Secrets {
        switch spec.verification {
        case .sharedSecret(_, let secrets), .hmac(_, _, _, let secrets), .preset(_, let secrets),
            .basic(_, let secrets), .sendgridSignature(let secrets):
            secrets
        }
    }

    /// The sender's id of a message.
    func messageID(of message: ReceivedMessage) -> Extracted { extract(messageID, message) }

    /// The key that a waiting run is found by.
    func correlationKey(of message: ReceivedMessage) -> Extracted { extract(correlationKey, message) }

    /// What an expression found in a message.
    enum Extracted: Sendable, Equatable {
        case value(String)
        /// The endpoint does not ask for it.
        case notWanted
        /// The expression failed, or is null: the message is accepted without.
        case missing
    }

    private func extract(_ program: Program?, _ message: ReceivedMessage) -> Extracted {
        guard let program else { return .notWanted }
        switch try? program.evaluate(Activation(["event": message.event(type: "inbound.\(name)")])) {
        case .string(let text) where !text.isEmpty: return .value(text)
        case .int(let number): return .value(String(number))
        case .uint(let number): return .value(String(number))
        default: return .missing
        }
    }
}

/// A message as expressions see it.
struct ReceivedMessage: Sendable {
    /// Lower-case names, without credentials.
    let headers: JSONObject
    let query: JSONObject
    let data: JSONValue

    func event(type: String) -> CELValue {
        .record([
            "type": .string(type), "headers": CELValue(.object(headers)), "query": CELValue(.object(query)),
            "data": CELValue(data),
        ])
    }
}
