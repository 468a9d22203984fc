import Glibc

/// What every process exposes, by the conventional names of Prometheus' client libraries, from `/proc` (proc(5)).
enum ProcessMetrics {
    static func families() -> [MetricFamily] {
        var families: [MetricFamily] = []
        if let status = ProcessStatus.current() {
            families += [
                MetricFamily(
                    "process_cpu_seconds_total", "User and system CPU time spent.", .counter,
                    [.init(status.cpuSeconds)]),
                .gauge(
                    "process_start_time_seconds", "Start of the process since the Unix epoch.",
                    status.startTime),
                .gauge(
                    "process_virtual_memory_bytes", "Size of the virtual memory.", Double(status.virtualBytes)
                ),
                .gauge(
                    "process_resident_memory_bytes", "Size of the resident memory.",
                    Double(status.residentBytes)),
                .gauge("process_threads", "Threads of the process.", Double(status.threads)),
            ]
        }
        if let count = openFiles() {
            families.append(.gauge("process_open_fds", "Open file descriptors.", Double(count)))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            let maximum = limit.rlim_cur == rlim_t.max ? Double.infinity : Double(limit.rlim_cur)
            families.append(.gauge("process_max_fds", "The most file descriptors that may be open.", maximum))
        }
        return families
    }

    private static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
        }
        // The folder itself is open while it is counted.
        return count - 1
    }
}

/// The figures of `/proc/self/stat`.
struct ProcessStatus: Equatable {
    let cpuSeconds: Double
    let startTime: Double
    let virtualBytes: Int
    let residentBytes: Int
    let threads: Int

    /// nil where there is no `/proc`.
    static func current() -> ProcessStatus? {
        guard let stat = text("/proc/self/stat"), let boot = bootTime() else { return nil }
        return ProcessStatus(
            stat: stat, bootTime: boot, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageSize: Int(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// - Parameter stat: the second field, the name of the program, may hold spaces and brackets.
    init?(stat: String, bootTime: Double, ticksPerSecond: Double, pageSize: Int) {
        guard let bracket = stat.lastIndex(of: ")") else { return nil }
        // The first of them is the third field of the manual page.
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        func field(_ number: Int) -> Int? { number - 3 < fields.count ? Int(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
            let virtual = field(23), let resident = field(24)
        else { return nil }
        cpuSeconds = Double(user + system) / ticksPerSecond
        startTime = bootTime + Double(start) / ticksPerSecond
        virtualBytes = virtual
        residentBytes = resident * pageSize
        self.threads = threads
    }

    private static func bootTime() -> Double? {
        text("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
    }

    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
