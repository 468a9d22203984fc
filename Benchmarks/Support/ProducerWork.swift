import NIOCore
import Synchronization

/// Requests that several connections take from, one after the other.
final class ProducerWork: Sendable {
    /// When each request is due.
    struct Pace: Sendable {
        let start: NIODeadline
        let step: TimeAmount
    }

    struct Request: Sendable {
        /// The first event in it.
        let event: Int
        /// nil: at once.
        let due: NIODeadline?
    }

    let observer: Producer.Observer?
    private let events: Range<Int>
    private let eventsInRequest: Int
    private let head: String
    private let pace: Pace?
    private let position: Atomic<Int>
    /// The request of a single event, whose number is the only thing that differs.
    private let single: ByteBuffer
    private let numberOffset: Int

    /// - Parameter head: the lines before `Content-Length`.
    init(
        events: Range<Int>, eventsInRequest: Int, head: String, pace: Pace?, observer: Producer.Observer?
    ) {
        self.events = events
        self.eventsInRequest = eventsInRequest
        self.head = head
        self.pace = pace
        self.observer = observer
        position = Atomic(events.lowerBound)
        single = Self.request(head, BenchEvent.template)
        numberOffset = single.readableBytes - BenchEvent.template.count + BenchEvent.numberOffset
    }

    /// The next request, whose bytes are written to a buffer; nil when all are taken.
    ///
    /// - Parameter bytes: empty, or the request before it, of which a single event changes the number only.
    func next(_ bytes: inout ByteBuffer) -> Request? {
        let first = position.wrappingAdd(eventsInRequest, ordering: .relaxed).oldValue
        guard first < events.upperBound else { return nil }
        let due = pace.map { $0.start + $0.step * Int64(first - events.lowerBound) }
        guard eventsInRequest > 1 else {
            if bytes.readableBytes == 0 { bytes = single }
            bytes.withUnsafeMutableReadableBytes {
                BenchEvent.write(first, to: UnsafeMutableRawBufferPointer(rebasing: $0[numberOffset...]))
            }
            return Request(event: first, due: due)
        }
        let batch = first..<min(first + eventsInRequest, events.upperBound)
        var body: [UInt8] = [UInt8(ascii: "[")]
        body.reserveCapacity(batch.count * (BenchEvent.template.count + 1) + 1)
        for event in batch {
            if event > batch.lowerBound { body.append(UInt8(ascii: ",")) }
            body += BenchEvent.json(event)
        }
        body.append(UInt8(ascii: "]"))
        bytes = Self.request(head, body)
        return Request(event: first, due: due)
    }

    private static func request(_ head: String, _ body: [UInt8]) -> ByteBuffer {
        var bytes = ByteBuffer(string: "\(head)Content-Length: \(body.count)\r\n\r\n")
        bytes.writeBytes(body)
        return bytes
    }
}
