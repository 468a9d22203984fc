import JSON
package import Resources
package import Store

/// Writes records. A write, its entry in the history and its events are one transaction.
package struct RecordWriter: Sendable {
    let store: Store
    let ingest: Ingest
    let clock: any WallClock

    /// What became of a write.
    package enum Outcome: Sendable {
        case written(RecordRow)
        /// Nothing of it differed from what was there.
        case unchanged(RecordRow)
        case notFound
        /// The caller wanted to write another version than the current one.
        case conflict
        /// The request came before; its answer.
        case repeated(StoredAnswer)
    }

    /// Other writers of a record who may be faster before the caller has to come again.
    private static let maxReads = 200

    /// - Parameter with: what else belongs to the transaction, made from the record.
    /// - Throws: `Problem` 422 for an impossible status or a missing field.
    package func create(
        _ type: RecordType, _ input: RecordInput, actor: String,
        with contributions: @escaping @Sendable (RecordRow) -> [Contribution] = { _ in [] }
    ) async throws -> Outcome {
        let now = clock.now()
        let draft = try RecordVersion(new: input, type, id: store.newID(type.idPrefix, at: now), now: now)
        let prefix = draft.rules.keyPrefix(draft.values)
        let outcome = try await ingest.commit(keyPrefix: prefix) { live, number in
            var version = draft
            version.setKey("\(prefix)-\(number)")
            if type == .ticket { version.setDeadline(live.deadline(of: version.values, createdAt: now)) }
            let row = version.row(version: 1, createdAt: now)
            let creation = Contribution.create(
                row, prefix: prefix, number: number, change: version.change(version: 1, actor: actor))
            return Ingest.Draft(
                row, events: version.events(actor: actor), contributions: [creation] + contributions(row))
        }
        switch outcome {
        case .written(let row, _): return .written(row)
        case .repeated(let answer): return .repeated(answer)
        case .changed: throw Ingest.Refusal.busy
        }
    }

    /// Changes fields of a record that is known by its id or its key.
    ///
    /// - Parameter isExpected: whether the caller may write over this version.
    /// - Throws: `Problem` 422 for an impossible transition.
    package func update(
        _ type: RecordType, _ name: String, _ input: RecordInput, actor: String,
        ifVersion isExpected: @Sendable (Int) -> Bool = { _ in true }
    ) async throws -> Outcome {
        for _ in 0..<Self.maxReads {
            guard let row = try await store.record(name, type: type.rawValue) else { return .notFound }
            guard isExpected(row.version) else { return .conflict }
            let current = try Self.values(row)
            let draft = try RecordVersion(input, after: current, type, now: clock.now())
            guard draft.isChanged else { return .unchanged(row) }
            if let written = try await write(draft, after: row, actor: actor) { return .written(written) }
        }
        throw Ingest.Refusal.busy
    }

    /// Writes a comment on a record; nil when there is no such record.
    package func comment(
        _ type: RecordType, _ name: String, author: String?, body: String, actor: String,
        with contributions: @escaping @Sendable (Comment) -> [Contribution] = { _ in [] }
    ) async throws -> (comment: Comment, repeated: StoredAnswer?)? {
        guard let row = try await store.record(name, type: type.rawValue) else { return nil }
        let now = clock.now()
        let comment = Comment(
            id: store.newID("cmt_", at: now), author: author, body: body, source: actor, createdAt: now)
        let outcome = try await ingest.commit { _, _ in
            Ingest.Draft(
                (), contributions: [.comment(comment, on: row.id)] + contributions(comment))
        }
        if case .repeated(let answer) = outcome { return (comment, answer) }
        return (comment, nil)
    }

    /// Computes when a ticket has to be resolved; true unless it changed in the meantime.
    func updateDeadline(of row: RecordRow) async throws -> Bool {
        let draft = try RecordVersion(
            RecordInput(trusted: JSONObject()), after: Self.values(row), .ticket, now: clock.now())
        return try await write(draft, after: row, actor: "sla") != nil
    }

    /// Says that an unresolved ticket passed its due time, once; false when it changed in the meantime.
    func breach(_ row: RecordRow) async throws -> Bool {
        let now = clock.now()
        let version = try RecordVersion(
            RecordInput(trusted: JSONObject()), after: Self.values(row), .ticket, now: now)
        let outcome = try await ingest.commit { _, _ in
            Ingest.Draft(
                (), events: [version.event(actor: "sla")("ticket.sla_breached")],
                contributions: [.breach(row, at: now)])
        }
        if case .written = outcome { return true }
        return false
    }

    /// The stored version, or nil when another one was stored since.
    private func write(
        _ draft: RecordVersion, after row: RecordRow, actor: String
    ) async throws -> RecordRow? {
        let outcome = try await ingest.commit { live, _ in
            var version = draft
            if version.rules.type == .ticket, version.rules.open.contains(version.status) {
                version.setDeadline(live.deadline(of: version.values, createdAt: row.createdAt))
            }
            guard version.isChanged else { return Ingest.Draft(row) }
            let next = version.row(version: row.version + 1, sequence: row.sequence, createdAt: row.createdAt)
            let change = version.change(version: next.version, actor: actor)
            return Ingest.Draft(
                next, events: version.events(actor: actor), contributions: [.update(next, change: change)])
        }
        guard case .written(let written, _) = outcome else { return nil }
        return written
    }

    /// - Throws: `StoreError` when the stored text is damaged.
    static func values(_ row: RecordRow) throws -> JSONObject {
        guard let values = (try? JSONValue(parsing: row.data))?.object else {
            throw StoreError.database("the record `\(row.id)` is damaged")
        }
        return values
    }
}
