import Store
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(5))) struct DateFieldTests {
    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `a date has the preferred form`(_ second: Int64, _ text: String) {
        #expect(DateField.text(second: second) == text)
        let time = UnixTime(milliseconds: second * 1000)
        #expect(RetryAfter.parse(text, now: time - .seconds(5)) == .seconds(5))
    }

    @Test func `an event's answer has one, whichever way it took`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { (runtime) async throws in
            for type in ["application/json", "application/json; charset=utf-8"] {
                let answer = try await runtime.send(
                    "POST", "/api/v1/events",
                    headers: ["Authorization": "Bearer \(token)", "Content-Type": type],
                    body: Array(#"{"event":"ticket.created","data":{}}"#.utf8))
                #expect(answer.status == 202)
                #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
            }
        }
    }
}
