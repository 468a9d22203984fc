import Store

/// The gauges of the state and of what feeds it, looked up when somebody asks.
struct StateMetrics: Sendable {
    let store: Store
    let configuration: ConfigurationWatcher
    let secrets: SecretStore
    let inbound: InboundCounters
    let version: String

    func families() async throws -> [MetricFamily] {
        let sync = try await store.syncRecord()
        let drift = try await store.driftTotal()
        return syncFamilies(sync) + commitFamilies() + inboundFamilies() + [
            MetricFamily(
                name("drift_total"), "Resources that were changed outside of git, and healed.", .counter,
                [.init(Double(drift))]),
            MetricFamily(
                name("build_info"), "The version of the program.", .gauge,
                [.init(1, labels: [MetricLabel("version", version)])]),
            .gauge(
                name("configuration_serial"), "Counts the applies that changed something.",
                Double(configuration.current.serial)),
            .gauge(
                name("configuration_problems"), "Live resources that this version cannot use.",
                Double(configuration.current.problems.count)),
            MetricFamily(
                name("secret_resolved"), "1 when the reference has a value.", .gauge,
                secrets.statuses().map {
                    .init($0.fingerprint == nil ? 0 : 1, labels: [MetricLabel("name", $0.name)])
                }),
        ]
    }

    private func syncFamilies(_ sync: SyncRecord) -> [MetricFamily] {
        var families: [MetricFamily] = [
            .gauge(
                name("sync_held"), "1 when safety rules hold the newest commit.", sync.result == .held ? 1 : 0
            ),
            MetricFamily(
                name("sync_held_info"), "Why the newest commit is held.", .gauge,
                sync.result == .held ? [.init(1, labels: [MetricLabel("reason", sync.reason)])] : []),
            .gauge(name("sync_consecutive_failures"), "Failed rounds in a row.", Double(sync.failures)),
        ]
        if let time = sync.lastSuccess {
            families.append(
                .gauge(
                    name("sync_last_success_timestamp_seconds"),
                    "When the live state last was what git says.",
                    seconds(time)))
        }
        if let time = sync.lastAttempt {
            families.append(
                .gauge(name("sync_last_attempt_timestamp_seconds"), "When git was last asked.", seconds(time))
            )
        }
        if !sync.appliedCommit.isEmpty {
            families.append(
                MetricFamily(
                    name("sync_commit_info"), "The applied commit.", .gauge,
                    [.init(1, labels: [MetricLabel("commit", sync.appliedCommit)])]))
        }
        return families
    }

    private func commitFamilies() -> [MetricFamily] {
        let statistics = store.commits.statistics
        let (seconds, attoseconds) = statistics.time.components
        var families = [
            MetricFamily.gauge(
                name("commit_queue_depth"), "Writes that wait for the writer.", Double(store.commits.waiting)),
            MetricFamily(
                name("committed_writes_total"), "Writes in durable transactions.", .counter,
                [.init(Double(statistics.writes))]),
            MetricFamily(
                name("commit_duration_seconds"), "Duration of transactions, including the sync to disk.",
                .summary,
                [
                    .init(Double(seconds) + Double(attoseconds) / 1e18, suffix: "_sum"),
                    .init(Double(statistics.commits), suffix: "_count"),
                ]),
        ]
        let sizes = [("database", store.path.file), ("log", store.path.log)].compactMap {
            part, file in
            FileReader.size(of: file).map {
                MetricFamily.Sample(Double($0), labels: [MetricLabel("part", part)])
            }
        }
        families.append(
            MetricFamily(name("state_bytes"), "Size of the state and of its write-ahead log.", .gauge, sizes))
        return families
    }

    private func inboundFamilies() -> [MetricFamily] {
        let samples = inbound.all.map { endpoint, result, count in
            MetricFamily.Sample(
                Double(count), labels: [MetricLabel("endpoint", endpoint), MetricLabel("result", result)])
        }
        return [
            MetricFamily(
                name("inbound_messages_total"), "Messages to inbound endpoints, by what became of them.",
                .counter, samples)
        ]
    }

    private func name(_ name: String) -> String { MetricRegistry.prefix + name }

    private func seconds(_ time: UnixTime) -> Double { Double(time.milliseconds) / 1000 }
}
