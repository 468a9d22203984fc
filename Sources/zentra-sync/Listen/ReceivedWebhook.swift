import HTTPTypes
import Hummingbird
import NIOCore
import Runtime
import Store

/// What a request says about itself as a webhook.
struct ReceivedWebhook {
    /// Whether the signature is the one that the secret makes.
    enum Verification: Equatable {
        case verified
        case wrong
        case missing
        /// No secret was given to verify with.
        case unchecked
    }

    let time: UnixTime
    let method: String
    let path: String
    let event: String
    let deliveryID: String
    let attempt: String
    let verification: Verification
    let body: String

    init(_ request: Request, body: ByteBuffer, secret: SecretValue?) {
        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers[$0] } }
        time = .now()
        method = request.method.rawValue
        path = request.uri.path
        event = header("X-Zentra-Event") ?? "-"
        deliveryID = header("X-Zentra-Delivery-Id") ?? "-"
        attempt = header("X-Zentra-Attempt") ?? "-"
        self.body = String(buffer: body)
        guard let secret else {
            verification = .unchecked
            return
        }
        let signatures = ["X-Zentra-Signature", "X-Zentra-Signature-Previous"].compactMap(header)
        let expected = WebhookSignature.hex(of: Array(body.readableBytesView), secret: secret)
        if signatures.isEmpty {
            verification = .missing
        } else {
            let isRight = signatures.contains {
                SecretValue(Array($0.utf8)).matches(SecretValue(Array(expected.utf8)))
            }
            verification = isRight ? .verified : .wrong
        }
    }
}

/// Prints webhooks as they arrive.
struct WebhookPrinter: Sendable {
    let palette: Palette

    func print(_ webhook: ReceivedWebhook, answer: Int) {
        let time = webhook.time.description.dropFirst(11).prefix(8)
        let code = 200..<300 ~= answer ? palette.green("\(answer)") : palette.red("\(answer)")
        Console.standard.write(
            """
            \(palette.dim(String(time)))  \(palette.bold(Printable.line(webhook.event)))  \(webhook.method) \(Printable.line(webhook.path))
              delivery \(Printable.line(webhook.deliveryID))  attempt \(Printable.line(webhook.attempt))  \(signature(webhook.verification))
              \(Printable.line(webhook.body))
              → \(code)

            """)
    }

    private func signature(_ verification: ReceivedWebhook.Verification) -> String {
        switch verification {
        case .verified: palette.green("signature verified")
        case .wrong: palette.red("signature WRONG")
        case .missing: palette.red("signature missing")
        case .unchecked: palette.dim("signature not checked (--secret-env)")
        }
    }
}
