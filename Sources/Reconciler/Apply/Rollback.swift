import Resources
package import Store

/// Going back to what an earlier revision left live.
package enum Rollback {
    /// Why there is no way back to a revision.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
        package let hint: String?
    }

    /// What it would change, and what stands in its way. It restores what was declared, never records or deliveries.
    ///
    /// - Parameter files: of the commits that the revision was made of, for the places of values.
    /// - Throws: ``Failure``; `StoreError`.
    package static func report(
        to serial: Int64, store: Store, live: LiveState, options: SafetyOptions,
        files: (Revision) -> EarlierFiles? = { _ in nil }
    ) async throws -> (report: PlanReport, revision: Revision) {
        guard let revision = try await store.revision(serial) else { throw unknown(serial) }
        let rows: [LiveResource]
        switch try await store.content(of: serial) {
        case .resources(let resources): rows = resources
        case .unknown: throw unknown(serial)
        case .notKept:
            throw Failure(
                description:
                    "cannot go back to revision \(serial): an earlier version of zentra-sync applied a later one and did not keep what it replaced",
                hint: "apply the commit \(revision.commit.prefix(7)) with --ref")
        }
        try await checkHistory(store)
        // A rollback replaces an earlier one.
        var live = live
        live.suspensions.removeAll { $0.target == .rollback }
        let desired = try await desired(rows, of: serial, live.configuration, files(revision))
        let plan = Planner.plan(
            desired, live: live,
            revision: SourceRevision(
                commit: revision.commit, subject: revision.subject, reference: "revision \(serial)"),
            withholding: Withholding(live.suspensions))
        let refusals =
            Safety.refusals(
                plan, live: live.configuration.resources, history: .none, options: options,
                suspensions: live.suspensions)
            + ReferenceCheck.refusals(plan, desired, live.configuration.resources)
        return (PlanReport(plan: plan, refusals: refusals), revision)
    }

    /// The way back starts at what was applied last; a row that somebody took away or rewrote leads elsewhere.
    private static func checkHistory(_ store: Store) async throws {
        let basis = try await store.syncBasis()
        guard !basis.liveDigest.isEmpty, case .resources(let rows) = try await store.content(of: basis.serial)
        else { return }
        guard LiveDigest.of(rows.map { ($0.kind, $0.name, $0.digest) }) != basis.liveDigest else {
            return
        }
        throw Failure(
            description: "cannot go back: the live state was changed by hand since serial \(basis.serial)",
            hint: "let the sidecar heal it, or `apply` the commit that is live, and try again")
    }

    private static func desired(
        _ rows: [LiveResource], of serial: Int64, _ live: LiveConfiguration, _ files: EarlierFiles?
    ) async throws -> DesiredState {
        let digests = Dictionary(live.resources.map { ("\($0.kind)/\($0.name)", $0.digest) }) { first, _ in
            first
        }
        var files = files
        var resources: [Resource] = []
        for row in rows {
            // Only of what changes are the places shown.
            let isUpdate = digests["\(row.kind)/\(row.name)"].map { $0 != row.digest } ?? false
            if isUpdate, let found = await files?.resource(row) {
                resources.append(found)
            } else {
                resources.append(try resource(row, of: serial))
            }
        }
        return DesiredState(resources)
    }

    private static func resource(_ row: LiveResource, of serial: Int64) throws -> Resource {
        do {
            return try Resource(
                canonical: row.canonical,
                position: SourcePosition(file: row.file, line: row.line, column: 1))
        } catch {
            throw Failure(
                description:
                    "cannot go back to revision \(serial): this version does not read its \(row.kind)/\(row.name): \(error)",
                hint: nil)
        }
    }

    private static func unknown(_ serial: Int64) -> Failure {
        Failure(
            description: "there is no revision \(serial)",
            hint: "`zentra-sync history` shows those that are kept")
    }
}
