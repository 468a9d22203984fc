import CLibGit2
import Glibc
import JSON

/// The child process: everything that talks to a remote, behind a process boundary because libgit2 1.5 has no
/// timeouts and a library that parses what a network sends may crash.
package enum GitChild {
    /// The hidden verb of the command line that runs `main`.
    package static let verb = "git-child"

    /// Reads one request from standard input, answers it on standard output, and exits. Never returns.
    ///
    /// It may have been started long before the request comes, so whatever takes time and needs none is done first.
    package static func main() -> Never {
        zs_die_with_parent()
        LibGit2.initialize()
        LibGit2.prepareForStrangers()
        guard let request = readRequest(), request.parent == Int(getppid()) else { _exit(1) }
        isolate(request)
        write(answer(request).json.utf8)
        _exit(0)
    }

    private static func answer(_ request: ChildRequest) -> ChildReply {
        do throws(GitError) {
            switch request.operation {
            case .fetch(let fetch): return .fetched(try Fetch.run(fetch, into: request.repository))
            case .compact:
                try Compaction.run(request.repository)
                return .compacted
            }
        } catch {
            return .failed(error)
        }
    }

    private static func isolate(_ request: ChildRequest) {
        umask(0o077)
        limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
        limit(__rlimit_resource_t(RLIMIT_AS.rawValue), request.memoryBytes)
        limit(__rlimit_resource_t(RLIMIT_CPU.rawValue), request.cpuSeconds)
        limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), 1024)
    }

    /// Lowers a limit as far as asked; a limit that is lower already stays.
    private static func limit(_ resource: __rlimit_resource_t, _ value: Int) {
        var bounds = rlimit()
        guard getrlimit(resource, &bounds) == 0 else { return }
        bounds.rlim_max = min(bounds.rlim_max, rlim_t(value))
        bounds.rlim_cur = bounds.rlim_max
        setrlimit(resource, &bounds)
    }

    private static func readRequest() -> ChildRequest? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.last != UInt8(ascii: "\n") {
            var count = zs_receive_keeping_descriptor(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == ENOTSOCK { count = read(STDIN_FILENO, &buffer, buffer.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        // Whatever is not a request gets the same answer.
        return (try? JSONValue(parsing: bytes)).flatMap(ChildRequest.init)
    }

    private static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // Nobody reads any more; there is nobody to tell.
            if count < 0 && errno != EINTR { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
