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
        let error = mask.map { mask in verdict.message.map(mask.masked) } ?? verdict.message
        switch outcome {
        case .response(let response):
            return Attempt(
                number: number, startedAt: started, outcome: verdict.transition.outcome,
                statusCode: response.status, errorClass: verdict.errorClass, error: error,
                timing: timing(response.timing), headers: headers(response.headers, mask),
                body: body(response, mask), isTruncated: response.isTruncated)
        case .failure(let failure):
            return Attempt(
                number: number, startedAt: started, outcome: verdict.transition.outcome,
                errorClass: verdict.errorClass, error: error, timing: timing(failure.timing))
        }
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
        append("\"dns\":", timing.dns, to: &text)
        append("\"connect\":", timing.connect, to: &text)
        append("\"tls\":", timing.tls, to: &text)
        append("\"firstByte\":", timing.firstByte, to: &text)
        append("\"total\":", timing.total, to: &text)
        text.append(contentsOf: text.isEmpty ? "{}".utf8 : "}".utf8)
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ name: StaticString, _ duration: TimeAmount?, to text: inout [UInt8]) {
        guard let duration else { return }
        text.append(UInt8(ascii: text.isEmpty ? "{" : ","))
        name.withUTF8Buffer { text.append(contentsOf: $0) }
        JSONValue.write(number: duration.microseconds, to: &text)
    }

    private static func body(_ response: OutboundResponse, _ mask: SecretMask?) -> [UInt8] {
        let body = Array(response.body.readableBytesView)
        return mask?.masked(body, isCut: response.isTruncated) ?? body
    }

    private static func headers(_ headers: ResponseHeaders, _ mask: SecretMask?) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        output.append(UInt8(ascii: "["))
        headers.forEachLine { name, value in
            guard output.count + name.count + value.count < headerLimit else { return }
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "["))
            JSONValue.write(utf8: name, to: &output)
            output.append(UInt8(ascii: ","))
            if let mask {
                JSONValue.write(string: mask.masked(String(decoding: value, as: UTF8.self)), to: &output)
            } else {
                JSONValue.write(utf8: value, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        }
        output.append(UInt8(ascii: "]"))
        // What is not UTF-8 becomes replacement characters here.
        return String(decoding: output, as: UTF8.self)
    }
}

extension TimeAmount {
    var microseconds: Int { Int(nanoseconds / 1000) }
}
