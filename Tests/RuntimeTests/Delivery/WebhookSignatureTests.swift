import Crypto
import TestSupport
import Testing

@testable import Runtime

struct WebhookSignatureTests {
    private func secret(_ text: String) -> SecretValue { SecretValue(Array(text.utf8)) }

    /// The vector of RFC 4231, test case 2.
    @Test func `is the lower-case hex HMAC-SHA256 of the body`() {
        let signature = WebhookSignature.hex(
            of: Array("what do ya want for nothing?".utf8), secret: secret("Jefe"))
        #expect(signature == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    /// The vector that the Standard Webhooks and Svix libraries publish.
    @Test(arguments: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func `makes the published standard-webhooks signature`(_ text: String) throws {
        let signature = try StandardWebhooks.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330",
            body: Array(#"{"test": 2432232314}"#.utf8),
            secret: secret(text))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(arguments: ["whsec_", "whsec_not base64!", ""])
    func `refuses a secret that is not base64`(_ text: String) {
        #expect(throws: StandardWebhooks.InvalidSecret.self) {
            try StandardWebhooks.signature(id: "a", timestamp: "1", body: [UInt8](), secret: secret(text))
        }
    }

    @Test func `never prints a secret`() {
        let value = secret("canary-4711")
        var dumped = ""
        dump(value, to: &dumped)
        #expect("\(value) \(String(reflecting: value)) \(dumped)".contains("canary") == false)
        #expect("\(value)" == "<redacted>")
    }

    @Test func `a secret that is ready to sign makes the same signature each time`() {
        let (body, other) = (Array("a body".utf8), Array("another body".utf8))
        let secret = SecretValue(Array("s3cret".utf8))
        let ready = secret.readyToSign()
        for _ in 0..<2 {
            #expect(
                WebhookSignature.hex(of: body, secret: ready)
                    == WebhookSignature.hex(of: body, secret: secret))
            #expect(
                WebhookSignature.hex(of: other, secret: ready)
                    == WebhookSignature.hex(of: other, secret: secret))
        }
    }

    @Test(arguments: [0, 1, 32, 63, 64, 65, 131, 1000])
    func `signs as the general HMAC does, with keys of any length`(_ length: Int) {
        var random = SeededRandom(seed: 4231)
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255, using: &random) } }
        let key = bytes(length)
        let signing = SigningKey(key)
        for count in [0, 1, 55, 56, 63, 64, 65, 500, 10_000] {
            let message = bytes(count)
            let code = message.withUnsafeBytes { signing.code(of: $0) }
            let expected = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
            #expect(Array(code) == Array(expected), "\(count)")
        }
    }
}
