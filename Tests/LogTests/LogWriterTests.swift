import Foundation
import Glibc
import TestSupport
import Testing

@testable import Log

@Suite(.timeLimit(.minutes(5)))
struct LogWriterTests {
    private let pipe: TestPipe

    init() throws { pipe = try TestPipe() }

    private func writer(limit: Int = LogWriter.defaultLimit) throws -> LogWriter {
        try LogWriter(to: pipe.writeEnd, limit: limit) { line("missing \($0)") }
    }

    /// Ends a writer whose reader reads, and the pipe.
    private func end(_ writer: LogWriter) {
        #expect(writer.close(within: .seconds(300)))
        close(pipe.writeEnd)
    }

    @Test func `lines come in the order in which they are written, all of them`() async throws {
        let writer = try writer()
        let lines = pipe.read()
        for number in 0..<20_000 { writer.write(line("\(number)")) }
        end(writer)
        #expect(try await lines.wait(until: \.hasEnded).lines == (0..<20_000).map(String.init), "all")
        #expect(writer.missing == 0)
    }

    @Test func `lines of several threads are whole, and in the order of each`() async throws {
        let writer = try writer()
        let lines = pipe.read()
        await withTaskGroup { group in
            for name in ["a", "b", "c", "d"] {
                group.addTask {
                    for number in 0..<5_000 {
                        writer.write(
                            line("\(name) \(number) " + String(repeating: name, count: number % 300)))
                    }
                }
            }
        }
        end(writer)
        let all = try await lines.wait(until: \.hasEnded).lines
        #expect(all.count == 20_000)
        for name in ["a", "b", "c", "d"] {
            let own = all.filter { $0.hasPrefix(name) }
            let expected = (0..<5_000).map {
                "\(name) \($0) " + String(repeating: name, count: $0 % 300)
            }
            #expect(own == expected)
        }
    }

    @Test func `a single line is written without waiting for others`() async throws {
        let writer = try writer()
        writer.write(line("alone"))
        #expect(try await pipe.read().wait { !$0.lines.isEmpty }.lines == ["alone"])
        end(writer)
    }

    @Test func `nobody who writes waits for a reader, who is told how much is missing and where`()
        async throws
    {
        let limit = 256 << 10
        let writer = try writer(limit: limit)
        // What a pipe takes and what may wait is much less than that; this ends although nobody reads.
        let count = 50_000
        for number in 0..<count { writer.write(line("\(number) " + String(repeating: "x", count: 90))) }
        let missing = writer.missing
        #expect(missing > 0)

        let lines = pipe.read()
        _ = try await lines.wait { Self.lines(in: $0.lines) == count }
        #expect(writer.missing == missing)
        writer.write(line("after"))
        end(writer)
        let all = try await lines.wait(until: \.hasEnded).lines
        #expect(all.last == "after")
        #expect(all.dropLast().last?.hasPrefix("missing") ?? false)
        // Every line is in its place, or counted there.
        var next = 0
        for text in all.dropLast() {
            if let missing = Self.missing(text) {
                next += missing
            } else {
                #expect(text.hasPrefix("\(next) "))
                next += 1
            }
        }
        #expect(next == count)
        #expect(all.compactMap(Self.missing).reduce(0, +) == missing)
        // The pipe's 64 KiB, what the thread had taken, and what waited.
        #expect(all.reduce(0) { $0 + $1.utf8.count + 1 } <= 2 * limit + (64 << 10) + 100)
    }

    /// How many lines a line stands for that says how many are missing.
    private static func missing(_ line: String) -> Int? {
        line.hasPrefix("missing ") ? Int(line.dropFirst(8)) : nil
    }

    private static func lines(in lines: [String]) -> Int { lines.reduce(0) { $0 + (missing($1) ?? 1) } }

    @Test func `a line that is larger than the bound is missing, and no other`() async throws {
        let writer = try writer(limit: 100)
        let lines = pipe.read()
        writer.write(line(String(repeating: "x", count: 100)))
        writer.write(line("next"))
        end(writer)
        let all = try await lines.wait(until: \.hasEnded).lines
        #expect(all.first == "missing 1" || all.first == "missing 2")
        #expect(all.count == (writer.missing == 1 ? 2 : 1))
    }

    @Test func `a reader that is gone costs lines, not the process`() throws {
        let writer = try writer()
        close(pipe.readEnd)
        // Until then a process that another test is about to start may hold the other end.
        while writer.missing == 0 { writer.write(line("lost")) }
        for _ in 0..<1000 { writer.write(line("lost")) }
        end(writer)
        #expect(writer.missing >= 1001)
    }

    @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
    func `what could not be written is told before the next that can`() async throws {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        let writer = try LogWriter(to: descriptor) { line("missing \($0)") }
        for number in 0..<3 { writer.write(line("lost \(number)")) }
        while writer.missing < 3 { sched_yield() }
        // There is room again.
        dup2(pipe.writeEnd, descriptor)
        let lines = pipe.read()
        writer.write(line("after"))
        #expect(writer.close(within: .seconds(300)))
        close(descriptor)
        close(pipe.writeEnd)
        #expect(try await lines.wait(until: \.hasEnded).lines == ["missing 3", "after"])
        #expect(writer.missing == 3)
    }

    @Test func `a descriptor that somebody made non-blocking is waited for`() async throws {
        _ = fcntl(pipe.writeEnd, F_SETFL, O_NONBLOCK)
        let writer = try writer()
        let texts = (0..<10_000).map { "\($0) " + String(repeating: "x", count: 90) }
        for text in texts { writer.write(line(text)) }
        // More than a pipe takes: the rest is written once it is read.
        #expect(!writer.close(within: .zero))
        let lines = try await pipe.read().wait { $0.lines.count == texts.count }.lines
        #expect(lines == texts)
        close(pipe.writeEnd)
    }

    @Test func `the end does not wait for ever for a reader that does not read`() throws {
        let writer = try writer()
        for _ in 0..<10_000 { writer.write(line(String(repeating: "x", count: 90))) }
        #expect(!writer.close(within: .milliseconds(10)))
        // Lets the thread go.
        close(pipe.readEnd)
    }

    @Test func `what comes after the end is thrown away`() async throws {
        let writer = try writer()
        let lines = pipe.read()
        writer.write(line("before"))
        #expect(writer.close(within: .seconds(300)))
        writer.write(line("after"))
        close(pipe.writeEnd)
        #expect(try await lines.wait(until: \.hasEnded).lines == ["before"])
    }
}

private func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }
