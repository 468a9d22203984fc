package import JSON
import Resources

/// A plan in a file: everything that `apply` needs, and a seal that shows whether it was edited.
///
/// The seal is no signature: it finds accidents and well-meant edits. Who may write the file may plan as well.
package struct SavedPlan: Sendable, Equatable {
    /// Changes with the meaning of the file.
    package static let formatVersion = 1

    package let plan: Plan
    /// Repository, ref and path that the plan was made from, without credentials.
    package let source: String

    package init(_ plan: Plan, source: String) {
        self.plan = plan
        self.source = source
    }

    /// The text of the file.
    package var text: String {
        var members: JSONObject = [
            "digest": .string(plan.digest), "source": .string(source),
            "commit": .string(plan.revision.commit), "subject": .string(plan.revision.subject),
            "ref": .string(plan.revision.reference),
            "live": ["commit": .string(plan.live.commit), "serial": .number(JSONNumber(plan.live.serial))],
            "unchanged": .number(JSONNumber(plan.unchanged)), "resultDigest": .string(plan.resultDigest),
            "changes": .array(plan.changes.map(\.saved)),
        ]
        if !plan.withheld.isEmpty { members["withheld"] = .array(plan.withheld.map(\.saved)) }
        let body = JSONValue.object(members)
        let file: JSONValue = [
            "formatVersion": .number(JSONNumber(Self.formatVersion)), "seal": .string(Self.seal(of: body)),
            "plan": body,
        ]
        return file.prettyText + "\n"
    }

    /// Reads a file back.
    ///
    /// - Throws: ``StalePlan`` when it is no saved plan of this format version, or was edited.
    package init(reading bytes: [UInt8]) throws(StalePlan) {
        let file: JSONValue
        do {
            file = try JSONValue(parsing: bytes)
        } catch {
            throw StalePlan("the file is not JSON: \(error)")
        }
        try self.init(file)
    }

    /// Reads what a file holds.
    ///
    /// - Throws: ``StalePlan`` when it is no saved plan of this format version, or was edited.
    package init(_ file: JSONValue) throws(StalePlan) {
        guard let version = file["formatVersion"]?.int, let body = file["plan"],
            let seal = file["seal"]?.string
        else { throw StalePlan("the file is not a saved plan") }
        guard version == Self.formatVersion else {
            throw StalePlan(
                "it has format version \(version), and this version of zentra-sync reads \(Self.formatVersion)"
            )
        }
        guard seal == Self.seal(of: body) else { throw StalePlan("it was edited after it was made") }
        guard let plan = Plan(saved: body), let source = body["source"]?.string else {
            throw StalePlan("it was made by another version of zentra-sync")
        }
        guard plan.digest == body["digest"]?.string else {
            throw StalePlan("its digest does not match its content")
        }
        self.init(plan, source: source)
    }

    private static func seal(of body: JSONValue) -> String { ResourceDigest(of: body.utf8).hex }
}

/// A saved plan that must not be applied any more; says why.
package struct StalePlan: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String

    init(_ reason: String) { self.reason = reason }

    /// The live state moved on since the plan was made.
    package init(planned: Int64, live: Int64) {
        reason = "it was made for serial \(planned), and the live state has serial \(live)"
    }

    package var description: String { "the saved plan is stale: \(reason)" }
    package var hint: String { "make a new one with `zentra-sync plan --out FILE`" }
}
