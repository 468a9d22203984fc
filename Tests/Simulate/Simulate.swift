import FoundationEssentials
import Glibc
import Synchronization
import WorkflowSimulation

/// `simulate [--steps n] [--from seed]` plays worlds until that many steps were committed, `simulate --seed n` plays one and says
/// what happens in it.
@main
struct Simulate {
    static func main() async {
        var options: [String: UInt64] = [:]
        var arguments = CommandLine.arguments.dropFirst()
        while let name = arguments.popFirst() {
            guard ["--steps", "--seed", "--from"].contains(name), let value = arguments.popFirst(),
                let number = UInt64(value)
            else {
                print("usage: simulate [--steps n] [--from seed] | --seed n")
                exit(2)
            }
            options[name] = number
        }
        if let seed = options["--seed"] {
            exit(show(seed) ? 0 : 1)
        }
        let failures = await play(
            until: Int(options["--steps"] ?? 1_000_000), from: options["--from"] ?? 0)
        exit(failures == 0 ? 0 : 1)
    }

    private static func show(_ seed: UInt64) -> Bool {
        do {
            let steps = try Simulation.play(seed: seed) { print($0) }
            print("seed \(seed): \(steps) steps, all as they should be")
            return true
        } catch {
            print("seed \(seed): \(error)")
            return false
        }
    }

    /// On every processor; returns how many worlds were not as they should be.
    private static func play(until wanted: Int, from first: UInt64) async -> Int {
        let progress = Progress(first)
        await withTaskGroup { group in
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                group.addTask {
                    while progress.steps < wanted, progress.failures < 10 { progress.play() }
                }
            }
        }
        print(
            "simulated \(progress.steps) steps of \(progress.worlds) worlds, \(progress.failures) findings")
        return progress.failures
    }
}

/// What all processors together have played.
private final class Progress: Sendable {
    private let first: UInt64
    private let next: Atomic<UInt64>
    private let committed = Atomic<Int>(0)
    private let findings = Atomic<Int>(0)

    init(_ first: UInt64) {
        self.first = first
        next = Atomic(first)
    }

    var steps: Int { committed.load(ordering: .relaxed) }
    var failures: Int { findings.load(ordering: .relaxed) }
    var worlds: UInt64 { next.load(ordering: .relaxed) - first }

    /// The next world.
    func play() {
        let seed = next.add(1, ordering: .relaxed).oldValue
        do {
            committed.add(try Simulation.play(seed: seed), ordering: .relaxed)
        } catch {
            findings.add(1, ordering: .relaxed)
            print("seed \(seed): \(error); `make simulate SEED=\(seed)` shows how it came to it")
            fflush(nil)
        }
    }
}
