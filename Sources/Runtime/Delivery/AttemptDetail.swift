import JSON
import NIOCore
import OutboundHTTP
import Store

/// The part of an attempt that is kept for people: timing, headers, captured body.
enum AttemptDetail {
    /// Headers beyond it are cut off, in bytes.
    static let headerLimit = 8 << 10

    /// - Parameter mask: what the request carried of secrets; nil for nothing.
    static func attempt(
        number: Int, started: UnixTime, outcome: OutboundOutcome, verdict: Verdict, mask: SecretMask? = nil
    ) -> Attempt {
        var attempt = Attempt(
            number: number, startedAt: started, outcome: verdict.transition.outcome,
            errorClass: verdict.errorClass,
            error: mask.map { mask in verdict.message.map(mask.masked) } ?? verdict.message,
            timing: timing(outcome.timing))
        if case .response(let response) = outcome {
            attempt.statusCode = response.status
            attempt.headers = headers(response.headers, mask)
            let body = Array(response.body.readableBytesView)
            attempt.body = mask?.masked(body, isCut: response.isTruncated) ?? body
            attempt.isTruncated = response.isTruncated
        }
        return attempt
    }

    /// An attempt that made no request.
    static func refused(number: Int, started: UnixTime, verdict: Verdict) -> Attempt {
        Attempt(
            number: number, startedAt: started, outcome: verdict.transition.outcome,
            errorClass: verdict.errorClass,
            error: verdict.message)
    }

    /// Microseconds of each part that took place.
    private static func timing(_ timing: ExchangeTiming) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        func append(_ name: StaticString, _ duration: Duration?) {
            guard let duration else { return }
            text.append(UInt8(ascii: text.isEmpty ? "{" : ","))
            name.withUTF8Buffer { text.append(contentsOf: $0) }
            JSONValue.write(number: duration.microseconds, to: &text)
        }
        append("\"dns\":", timing.dns)
        append("\"connect\":", timing.connect)
        append("\"tls\":", timing.tls)
        append("\"firstByte\":", timing.firstByte)
        append("\"total\":", timing.total)
        text.append(contentsOf: text.isEmpty ? "{}".utf8 : "}".utf8)
        return String(decoding: text, as: UTF8.self)
    }

    private static func headers(_ headers: ResponseHeaders, _ mask: SecretMask?) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        output.append(UInt8(ascii: "["))
        for (name, value) in headers where output.count + name.utf8.count + value.utf8.count < headerLimit {
            let value = mask?.masked(value) ?? value
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "["))
            JSONValue.write(string: name, to: &output)
            output.append(UInt8(ascii: ","))
            JSONValue.write(string: value, to: &output)
            output.append(UInt8(ascii: "]"))
        }
        output.append(UInt8(ascii: "]"))
        return String(decoding: output, as: UTF8.self)
    }
}

extension Duration {
    var microseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
