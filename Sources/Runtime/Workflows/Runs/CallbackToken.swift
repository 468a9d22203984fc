import Crypto
import Store
import WorkflowEngine

/// The secret part of a callback URL: names a step of a run and proves that the URL was given out.
///
/// Derived with the state's key, so it is the same after a crash and nothing has to be stored for it:
/// `<run><step in hex>.<code>`, the code being the first half of an HMAC-SHA256.
struct CallbackToken: Sendable {
    let run: WorkflowRunID
    let step: StepAddress

    private static let prefix = "run_"
    private static let runLength = 26

    /// What messages of the URL are kept under, and found by the wait.
    static func key(run: WorkflowRunID, step: StepAddress) -> String { "\(run)/\(step)" }

    var key: String { Self.key(run: run, step: step) }

    func text(_ key: StateKey) -> String {
        let name = String(run.text.dropFirst(Self.prefix.count)) + Hex.lowercase(Array(step.description.utf8))
        return "\(name).\(Self.code(name, key))"
    }

    init(run: WorkflowRunID, step: StepAddress) {
        self.run = run
        self.step = step
    }

    /// nil for a text that this state did not make. Compares in constant time.
    init?(_ text: String, _ key: StateKey) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count > Self.runLength, text.utf8.count <= 1024 else {
            return nil
        }
        let name = String(parts[0])
        let (code, expected) = (
            SecretValue(Array(parts[1].utf8)), SecretValue(Array(Self.code(name, key).utf8))
        )
        guard code.matches(expected), let step = Self.step(name.dropFirst(Self.runLength)) else { return nil }
        self.init(run: WorkflowRunID(Self.prefix + name.prefix(Self.runLength)), step: step)
    }

    private static func code(_ name: String, _ key: StateKey) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("callback:\(name)".utf8), using: SymmetricKey(data: key.bytes))
        return Hex.lowercase(Array(code)[..<16])
    }

    private static func step(_ hex: Substring) -> StepAddress? {
        var bytes: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self).flatMap { StepAddress(parsing: $0) }
    }
}
