import OutboundHTTP
import Synchronization

/// Answers from a script: the answers in turn, the last one for ever. Records the names that it was asked
/// for.
final class StubResolver: AddressResolver {
    typealias Answer = Result<[IPAddress], ResolutionError>

    private let answers: [Answer]
    private let asked = Mutex<[String]>([])

    var names: [String] { asked.withLock { $0 } }

    init(_ answers: [Answer] = [.success([.v4(0x7f00_0001)])]) { self.answers = answers }

    func resolve(_ name: String, completion: @escaping @Sendable (Answer) -> Void) {
        let count = asked.withLock { names in
            names.append(name)
            return names.count
        }
        completion(answers[min(count, answers.count) - 1])
    }

    func shutdown() async {}
}
