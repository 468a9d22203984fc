import Foundation
import GitSource
import Resources
import TestSupport
import Testing

@testable import Reconciler

struct DesiredSourceTests {
    private let files = ["key.yaml": Sample.secret("key"), "erp.yaml": Sample.subscription("erp")]

    private func git(_ repository: TestRepository, path: String = ".", in folder: TestFolder) throws
        -> DesiredSource
    {
        let child = GitChildCommand(
            executable: URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appending(path: "git-child").path, arguments: [])
        return .git(
            try GitCache(
                directory: folder.appending("cache"), remote: GitRemote(url: repository.path, path: path),
                child: child))
    }

    @Test func `a commit of a git repository plans like the folder that it holds`() async throws {
        let repository = try await TestRepository()
        let folder = try TestFolder()
        let commit = try await repository.commit("Add the ERP", files)
        let snapshot = try await git(repository, in: folder).fetch()
        #expect(
            snapshot.revision == SourceRevision(commit: commit, subject: "Add the ERP", reference: "main"))
        var reader = ConfigurationReader()
        let fromGit = try await PlanReport.make(
            snapshot, reader: &reader, live: .missing, options: SafetyOptions())
        let working = try await DesiredSource.folder(repository.path).fetch()
        var other = ConfigurationReader()
        let fromFolder = try await PlanReport.make(
            working, reader: &other, live: .missing, options: SafetyOptions())
        #expect(fromGit.plan.changes == fromFolder.plan.changes)
        #expect(fromGit.plan.count(.create) == 2)
    }

    @Test func `only changed blobs are read, and ignored files never`() async throws {
        let repository = try await TestRepository()
        let folder = try TestFolder()
        let ignored = [
            "drafts/x.yaml": "not: [valid", ".zentra-syncignore": "drafts/\n", "_old/y.yaml": "not: [valid",
        ]
        try await repository.commit("One", files.merging(ignored) { $1 })
        let source = try git(repository, in: folder)
        var reader = ConfigurationReader()
        #expect(try await reader.read(try await source.fetch()).isValid)
        let second = try await repository.commit(
            "Two", ["erp.yaml": Sample.subscription("erp", url: "https://new.example.com")])
        let snapshot = try await source.fetch()
        #expect(snapshot.revision.commit == second)
        let loaded = try await reader.read(snapshot)
        #expect(try loaded.desiredState().resources.count == 2)
        #expect(loaded.fileCount == 2)
    }

    @Test func `ignore rules that are not read leave nothing unread in silence`() async throws {
        let repository = try await TestRepository()
        let folder = try TestFolder()
        let rules = repository.path + "/" + PathFilter.ignoreFile
        try await repository.commit("Draft", files.merging(["drafts/x.yaml": "not: [valid"]) { $1 })
        let source = try git(repository, in: folder)
        var reader = ConfigurationReader()
        #expect(try await !reader.read(try await source.fetch()).isValid)
        try await repository.commit("Ignore it", [PathFilter.ignoreFile: "drafts/\n"])
        #expect(try await reader.read(try await source.fetch()).isValid)
        try FileManager.default.removeItem(atPath: rules)
        try FileManager.default.createSymbolicLink(atPath: rules, withDestinationPath: "key.yaml")
        try await repository.commit("Link", [:])
        let snapshot = try await source.fetch()
        for reader in [reader, ConfigurationReader()] {
            var reader = reader
            let error = await #expect(throws: (any Error).self) { try await reader.read(snapshot) }
            #expect(error.map { "\($0)" } == "`.zentra-syncignore` is a symbolic link")
        }
        await #expect(throws: DirectoryReader.Failure.self) {
            try await DesiredSource.folder(repository.path).fetch()
        }
        // Another than no rules at all, also where there were none before.
        try await repository.git("rm", "--quiet", PathFilter.ignoreFile)
        try await repository.commit("None", ["drafts/x.yaml": ""])
        #expect(try await reader.read(try await source.fetch()).isValid)
        try FileManager.default.createSymbolicLink(atPath: rules, withDestinationPath: "key.yaml")
        try await repository.commit("Link again", [:])
        let again = try await source.fetch()
        await #expect(throws: (any Error).self) { try await reader.read(again) }
    }

    @Test func `history tells a descendant from a rewritten branch`() async throws {
        let repository = try await TestRepository()
        let folder = try TestFolder()
        let first = try await repository.commit("One", files)
        let second = try await repository.commit("Two", [:])
        let source = try git(repository, in: folder)
        let snapshot = try await source.fetch()
        #expect(try await snapshot.history(first) == .descends)
        #expect(try await snapshot.history(second) == .descends)
        try await repository.git("reset", "--quiet", "--hard", first)
        let other = try await repository.commit("Other", ["more.yaml": Sample.token("app")])
        let rewritten = try await source.fetch()
        #expect(rewritten.revision.commit == other)
        #expect(try await rewritten.history(second) == .rewritten)
        #expect(try await rewritten.history(first) == .descends)
        #expect(try await rewritten.history("") == .none)
    }

    @Test func `links are not followed and said`() async throws {
        let repository = try await TestRepository()
        let folder = try TestFolder()
        try await repository.commit("One", files)
        symlink("/etc/passwd", repository.path + "/link.yaml")
        try await repository.commit("Two", [:])
        var reader = ConfigurationReader()
        #expect(try await reader.read(try await git(repository, in: folder).fetch()).isValid)
        #expect(reader.skipped == ["`link.yaml` is a symbolic link"])
    }

    @Test func `the content of a folder decides its content id, not the moment`() async throws {
        let folder = try TestFolder()
        for (name, text) in files { try folder.write(text, to: name) }
        let source = DesiredSource.folder(folder.path)
        let first = try await source.fetch()
        #expect(try await source.fetch().contentID == first.contentID)
        try folder.write(Sample.secret("other"), to: "key.yaml")
        #expect(try await source.fetch().contentID != first.contentID)
        #expect(try await first.history("4f2c9e1") == .none)
    }

    @Test func `a folder that is not there is an error, not an empty configuration`() async throws {
        let folder = try TestFolder()
        await #expect { try await DesiredSource.folder(folder.path + "/none").fetch() } throws: {
            "\($0)".contains("cannot read")
        }
    }
}
