internal import Dispatch
internal import Glibc
internal import Synchronization

/// A long list of independent work, cut into pieces that run on all processors.
struct ParallelPieces {
    private let ranges: [Range<Int>]

    /// Below it the threads would cost more than they save.
    private static let smallest = 128
    private static let piecesPerProcessor = 4

    init(count: Int) {
        let processors = max(1, min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 16))
        let pieces = max(1, min(processors * Self.piecesPerProcessor, count / Self.smallest))
        ranges = (0..<pieces).map { piece in
            (count * piece / pieces)..<(count * (piece + 1) / pieces)
        }
    }

    var count: Int { ranges.count }

    /// The results in the order of the pieces; returns when all are done.
    func map<Result: Sendable>(_ body: @Sendable (Range<Int>) -> Result) -> [Result] {
        let results = Mutex<[Int: Result]>([:])
        DispatchQueue.concurrentPerform(iterations: ranges.count) { piece in
            let result = body(ranges[piece])
            results.withLock { $0[piece] = result }
        }
        return results.withLock { results in
            ranges.indices.map { piece in
                guard let result = results[piece] else { preconditionFailure("a piece was not done") }
                return result
            }
        }
    }
}
