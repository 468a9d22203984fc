import NIOCore
import Testing

@testable import OutboundHTTP

struct ConnectionStateTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// What an action amounts to.
    private enum Seen: Equatable {
        case wait, close
        case kept(Int, String)
        case closed(Int, String, Truncation?)
        case repeated
        case failed(OutboundFailure.Class)

        init(_ action: ConnectionState.Action) {
            switch action {
            case .wait: self = .wait
            case .close: self = .close
            case .finish(.response(let response), _):
                self = .kept(response.status, String(buffer: response.body))
            case .finishAndClose(.response(let response)):
                self = .closed(response.status, String(buffer: response.body), response.truncation)
            case .finish(.unprocessed, _), .finishAndClose(.unprocessed): self = .repeated
            case .finish(.failure(let kind, _), _), .finishAndClose(.failure(let kind, _)):
                self = .failed(kind)
            }
        }
    }

    private func begun(repeatable: Bool = false, reused: Bool = false, written: Bool = true)
        -> ConnectionState
    {
        var state = ConnectionState(maxHeadBytes: 1024, maxHeadFields: 10)
        state.begin(method: .post, bodyLimit: 16, isRepeatable: repeatable, isReused: reused)
        if written { state.wrote() }
        return state
    }

    private func feed(_ state: inout ConnectionState, _ text: String, unsent: Bool = false) -> Seen {
        Seen(state.received(ByteBuffer(string: text), hasUnsentBytes: unsent))
    }

    @Test func `an answer frees the connection for the next request`() {
        var state = begun()
        #expect(feed(&state, String(Self.ok.prefix(20))) == .wait)
        #expect(feed(&state, String(Self.ok.dropFirst(20))) == .kept(200, "ok"))
        #expect(state.isIdle)
        state.begin(method: .post, bodyLimit: 16, isRepeatable: false, isReused: true)
        #expect(feed(&state, Self.ok) == .kept(200, "ok"))
    }

    @Test func `an answer that overtakes the request ends the connection`() {
        var state = begun()
        #expect(feed(&state, Self.ok, unsent: true) == .closed(200, "ok", nil))
    }

    @Test func `bytes without a request end the connection`() {
        var state = begun()
        _ = feed(&state, Self.ok)
        #expect(feed(&state, "x") == .close)
        #expect(feed(&state, "x") == .wait)
    }

    @Test(arguments: [
        // reused, repeatable, last byte written → repeated
        (true, true, true, true), (true, true, false, true), (true, false, false, true),
        (true, false, true, false),
        (false, true, true, false), (false, false, false, false),
    ])
    func `only what surely was not processed is repeated`(
        _ reused: Bool, _ repeatable: Bool, _ written: Bool, _ isRepeated: Bool
    ) {
        var state = begun(repeatable: repeatable, reused: reused, written: written)
        #expect(Seen(state.ended(isOrderly: true, reason: nil)) == (isRepeated ? .repeated : .failed(.reset)))
    }

    @Test func `nothing is repeated after a byte of an answer`() {
        var state = begun(repeatable: true, reused: true)
        #expect(feed(&state, "H") == .wait)
        #expect(Seen(state.ended(isOrderly: true, reason: nil)) == .failed(.reset))
    }

    @Test(arguments: [(true, nil), (false, .closed)] as [(Bool, Truncation?)])
    func `the end of the connection ends a body only in order`(_ isOrderly: Bool, _ truncation: Truncation?) {
        var state = begun()
        #expect(feed(&state, "HTTP/1.1 200 OK\r\n\r\nhello") == .wait)
        #expect(Seen(state.ended(isOrderly: isOrderly, reason: nil)) == .closed(200, "hello", truncation))
        #expect(Seen(state.ended(isOrderly: true, reason: nil)) == .wait)
    }

    @Test func `the deadline cuts a body and fails without a head`() {
        var waiting = begun(reused: true, written: false)
        #expect(Seen(waiting.deadlinePassed()) == .failed(.timeout))
        #expect(Seen(waiting.ended(isOrderly: true, reason: nil)) == .wait)
        var receiving = begun()
        _ = feed(&receiving, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
        #expect(Seen(receiving.deadlinePassed()) == .closed(200, "hello", .deadline))
        var idle = ConnectionState(maxHeadBytes: 1, maxHeadFields: 1)
        #expect(Seen(idle.deadlinePassed()) == .wait)
    }

    @Test func `a body is kept up to its limit`() {
        var state = begun()
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n" + String(repeating: "a", count: 17)
        #expect(feed(&state, answer) == .closed(200, String(repeating: "a", count: 16), .limit))
    }

    @Test func `who gives up ends the exchange and the connection`() {
        var busy = begun()
        #expect(Seen(busy.abandon(.reset, "cancelled")) == .failed(.reset))
        #expect(Seen(busy.abandon(.reset, "cancelled")) == .close)
        var idle = ConnectionState(maxHeadBytes: 1, maxHeadFields: 1)
        #expect(Seen(idle.abandon(.reset, "idle")) == .close)
    }
}
