import Foundation
import Glibc
import Synchronization

/// A server that does not do what a git server should.
package final class OddServer: Sendable {
    package enum Behaviour: Sendable {
        /// Accepts connections and says nothing.
        case silent
        /// Sends its answer a byte at a time, with a pause after each.
        case drip(String, pause: Duration)
        /// Answers every request with this text and closes.
        case answer(String)
        /// Closes without an answer.
        case hangUp
        /// Passes everything on to a port of this machine, and hangs up after so many bytes of the answers.
        case cut(port: Int, after: Int)
        /// The same, but then it goes on saying nothing, until `recover` is called.
        case stall(port: Int, after: Int)
    }

    package var port: Int { listener.port }
    /// What clients have sent, one text for each connection that has sent anything.
    package var requests: [String] { log.requests.withLock { $0 } }
    /// How many connections have ended.
    package var endedConnections: Int { log.ended.withLock { $0 } }
    private let listener: LoopbackListener
    private let log = Log()

    private final class Log: Sendable {
        let requests = Mutex<[String]>([])
        let ended = Mutex(0)
        let isRecovered = Mutex(false)
    }

    package init(_ behaviour: Behaviour) throws {
        let log = log
        listener = try LoopbackListener { connection in
            defer { log.ended.withLock { $0 += 1 } }
            switch behaviour {
            case .cut(let port, let count): return Self.pass(connection, to: port, count: count)
            case .stall(let port, let count):
                Self.pass(connection, to: port, count: log.isRecovered.withLock { $0 } ? .max : count)
                while Self.receive(connection) != nil {}
                return
            default: break
            }
            guard let request = Self.receive(connection) else { return }
            log.requests.withLock { $0.append(request) }
            switch behaviour {
            case .silent: while Self.receive(connection) != nil {}
            case .answer(let text): Self.send(text, to: connection)
            case .drip(let text, let pause):
                for byte in text.utf8 {
                    guard Self.send(String(UnicodeScalar(byte)), to: connection) else { return }
                    poll(nil, 0, Int32(pause.components.attoseconds / 1_000_000_000_000_000))
                }
            case .hangUp, .cut, .stall: break
            }
        }
    }

    /// From the next connection on a stalling server passes on everything.
    package func recover() { log.isRecovered.withLock { $0 = true } }

    /// And no longer.
    package func relapse() { log.isRecovered.withLock { $0 = false } }

    /// An HTTP response that ends the connection.
    package static func response(_ status: String, headers: [String] = [], body: String = "") -> String {
        (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers)
            .joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static func receive(_ connection: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = recv(connection, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    @discardableResult
    private static func send(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private static func pass(_ client: Int32, to port: Int, count: Int) {
        guard let server = LoopbackListener.connect(port: port) else { return }
        defer { close(server) }
        var left = count
        var buffer = [UInt8](repeating: 0, count: 4096)
        while left > 0 {
            var watched = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&watched, 2, -1) > 0 else { return }
            for (from, to) in [(0, server), (1, client)] where watched[from].revents != 0 {
                var received = recv(watched[from].fd, &buffer, buffer.count, 0)
                guard received > 0 else { return }
                if from == 1 {
                    received = min(received, left)
                    left -= received
                }
                guard Glibc.send(to, buffer, received, Int32(MSG_NOSIGNAL)) == received else { return }
            }
        }
    }
}
