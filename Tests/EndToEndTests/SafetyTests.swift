import Foundation
import JSON
import TestSupport
import Testing

@Suite("What is refused", .timeLimit(.minutes(5)))
struct SafetyTests {
    @Test func `deleting much at once is refused by plan, apply and the sidecar alike`() async throws {
        let world = try await Workspace([
            "base.yaml": Resources.base,
            "more.yaml": (0..<10).map { Resources.secret("more-\($0)", "env: MORE") }.joined(),
        ])
        try await world.apply()
        let commit = try await world.repository.commit(
            "Tidy up", ["more.yaml": Resources.secret("more-0", "env: MORE")])
        let plan = try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode")
        #expect(plan.status == 3)
        #expect(plan.output.contains("- SecretReference/more-9"), "the plan is printed all the same: \(plan)")
        #expect(plan.output.contains("9 of 13 live resources would be deleted"), "\(plan)")
        let apply = try await world.run("apply", "--repo", world.repository.path, "--yes")
        #expect(apply.status == 3)
        #expect(apply.output.contains("--allow-mass-delete"), "\(apply)")

        let sidecar = try world.sidecar()
        try await sidecar.log.line(with: "held: ", commit)
        let status = try await world.status()["sync"]
        #expect(status?["result"]?.string == "held" && status?["reason"]?.string == "mass-delete")
        let allowed = try await world.run(
            "apply", "--repo", world.repository.path, "--yes", "--allow-mass-delete")
        #expect(allowed.status == 0, "\(allowed)")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `an empty repository deletes nothing`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        try await world.apply()
        try await world.repository.git("rm", "--quiet", "base.yaml")
        try await world.repository.commit("Remove everything", [:])
        let plan = try await world.run("plan", "--repo", world.repository.path)
        #expect(plan.status == 3)
        #expect(plan.output.contains("the desired state is empty"), "\(plan)")
        #expect(try await world.run("run", "--once", "--repo", world.repository.path).status == 3)
        #expect(try await world.status()["resources"]?.array?.count == 3)
    }

    @Test func `a saved plan is applied exactly, once`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let plan = try await world.run("plan", "--repo", world.repository.path, "--out", "plan.json")
        #expect(plan.errors == "saved the plan; apply exactly it with `zentra-sync apply plan.json`\n")
        // A branch that moves on does not make it stale.
        try await world.repository.commit("Second", ["more.yaml": Resources.secret("more", "env: MORE")])
        let apply = try await world.run("apply", "plan.json", "--yes")
        #expect(apply.status == 0, "\(apply)")
        #expect(try await world.status()["resources"]?.array?.count == 3)
        let again = try await world.run("apply", "plan.json", "--yes")
        #expect(again.status == 1)
        #expect(
            again.errors.contains("stale: it was made for serial 0, and the live state has serial 1"),
            "\(again)")
    }

    @Test func `of several applies at once one wins and the others say so`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        try world.folder.write(Resources.base, to: "config/base.yaml")
        try await withThrowingTaskGroup(of: ProductBinary.Result.self) { group in
            for _ in 0..<4 {
                group.addTask { try await world.run("apply", "--dir", "config", "--yes") }
            }
            for try await result in group where result.status != 0 {
                #expect(result.status == 1)
                let isClear =
                    result.errors.hasPrefix("error: cannot apply: another apply moved the live state")
                    || result.errors.hasPrefix("error: another apply is under way: ")
                #expect(isClear && result.errors.contains("\nhint: "), "\(result)")
            }
        }
        let status = try await world.status()
        #expect(status["serial"]?.int == 1)
        #expect(status["lease"]?.isNull == true)
    }

    @Test(arguments: [
        ("DESK_TOKEN", "PATH", "it was edited"),
        ("\"formatVersion\": 1", "\"formatVersion\": 9", "format version 9"),
        ("{", "[", "the file is not JSON"),
    ])
    func `a saved plan that was edited is refused`(old: String, new: String, reason: String) async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        _ = try await world.run("plan", "--repo", world.repository.path, "--out", "plan.json")
        let text = try String(contentsOfFile: world.folder.appending("plan.json"), encoding: .utf8)
        #expect(text.contains(old), "\(text)")
        try world.folder.write(text.replacing(old, with: new, maxReplacements: 1), to: "plan.json")
        let apply = try await world.run("apply", "plan.json", "--yes")
        #expect(apply.status == 1)
        #expect(apply.errors.contains("stale: ") && apply.errors.contains(reason), "\(apply)")
        #expect(apply.errors.contains("hint: "))
    }

    @Test(arguments: [
        ["plan", "--frob"], ["frob"], ["plan"], ["run"], ["apply"], ["run", "--interval", "1"],
        ["plan", "--repo", ".", "--dir", "."], ["listen", "--port", "70000"],
        ["events", "list", "--limit", "0"],
        ["run", "--repo", ".", "--allow-network", "10.0.0.0/33"], ["status", "--format", "yaml"],
    ])
    func `wrong usage ends with 64`(arguments: [String]) async throws {
        let world = try await Workspace()
        let result = try await ProductBinary.run(arguments, in: world.folder.path)
        #expect(result.status == 64, "\(result)")
        #expect(result.errors.hasPrefix("error: "), "\(result)")
        #expect(result.output.isEmpty, "\(result)")
        #expect(!FileManager.default.fileExists(atPath: world.state))
    }
}
