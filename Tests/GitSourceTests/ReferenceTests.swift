import GitSource
import TestSupport
import Testing

struct ReferenceTests {
    @Test func `finds branches and tags by short and full name`() async throws {
        let repository = try await TestRepository()
        let first = try await repository.commit("first", ["a.yaml": "1"])
        try await repository.git("tag", "light")
        try await repository.git("tag", "--annotate", "--message=release", "v1.0")
        let second = try await repository.commit("second", ["a.yaml": "2"])
        try await repository.git("branch", "feature/x")
        let folder = try TestFolder()
        for (ref, reference, commit) in [
            ("main", "refs/heads/main", second), ("refs/heads/main", "refs/heads/main", second),
            ("feature/x", "refs/heads/feature/x", second), ("light", "refs/tags/light", first),
            ("v1.0", "refs/tags/v1.0", first), ("refs/tags/v1.0", "refs/tags/v1.0", first),
            ("HEAD", "refs/heads/main", second),
        ] {
            let test = try TestCache(repository.path, ref: ref, in: folder)
            for _ in 1...2 {
                let revision = try await test.cache.fetch()
                #expect(revision.reference == reference)
                #expect(revision.commit.id.hex == commit)
            }
        }
    }

    @Test func `takes the remote's default branch`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "1"])
        try await repository.git("switch", "--quiet", "--create", "trunk")
        let test = try TestCache(repository.path)
        #expect(try await test.cache.fetch().reference == "refs/heads/trunk")
    }

    @Test func `takes a commit that a branch reaches`() async throws {
        let repository = try await TestRepository()
        let first = try await repository.commit("first", ["a.yaml": "1"])
        try await repository.commit("second", ["a.yaml": "2"])
        let test = try TestCache(repository.path, ref: first)
        let revision = try await test.cache.fetch()
        #expect(revision.commit.subject == "first")
        #expect(revision.reference == nil)
        #expect(try await test.cache.fetch().isNew == false)
    }

    @Test func `refuses a commit that no branch reaches`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("first", ["a.yaml": "1"])
        let lost = try await repository.commit("lost", ["a.yaml": "2"])
        try await repository.git("reset", "--quiet", "--hard", "HEAD~1")
        let test = try TestCache(repository.path, ref: lost)
        await expectGitError(.refNotFound, "no branch reaches commit \(lost)") {
            try await test.cache.fetch()
        }
    }

    @Test func `says that a branch was deleted, and finds it when it is back`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "1"])
        try await repository.git("branch", "feature")
        let test = try TestCache(repository.path, ref: "feature")
        try await test.cache.fetch()
        try await repository.git("branch", "--delete", "--force", "feature")
        await expectGitError(.refNotFound, "no branch or tag `feature`") { try await test.cache.fetch() }
        try await repository.git("branch", "feature/deeper")
        let deeper = try TestCache(repository.path, ref: "feature/deeper", in: test.folder)
        #expect(try await deeper.cache.fetch().commit.subject == "0")
    }

    @Test(arguments: [
        ("master", "its branches: `dev`, `main`"),
        ("0123456", "a commit is named by all 40 digits of its id"),
        ("refs/heads/master", "its branches: `dev`, `main`"),
    ])
    func `says what there is instead`(_ ref: String, _ hint: String) async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "1"])
        try await repository.git("branch", "dev")
        let test = try TestCache(repository.path, ref: ref)
        do {
            try await test.cache.fetch()
            Issue.record("there is no `\(ref)`")
        } catch {
            #expect(error.category == .refNotFound && error.hint == hint, "\(error.hint ?? "")")
        }
    }

    @Test func `says that the repository is empty`() async throws {
        let repository = try await TestRepository()
        let test = try TestCache(repository.path)
        await expectGitError(.emptyRepository, "the repository is empty") { try await test.cache.fetch() }
    }

    @Test func `says that the default branch does not exist`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "1"])
        try await repository.git("symbolic-ref", "HEAD", "refs/heads/unborn")
        let test = try TestCache(repository.path)
        await expectGitError(.refNotFound, "no default branch") { try await test.cache.fetch() }
    }

    @Test func `follows a rewritten history and says so`() async throws {
        let repository = try await TestRepository()
        let base = try await repository.commit("base", ["a.yaml": "0"])
        try await repository.commit("old", ["a.yaml": "1"])
        let test = try TestCache(repository.path)
        let old = try await test.cache.fetch().commit.id
        try await repository.git("reset", "--quiet", "--hard", base)
        try await repository.commit("new", ["a.yaml": "2"])
        let new = try await test.cache.fetch().commit
        #expect(new.subject == "new")
        let baseID = try #require(ObjectID(hex: base))
        #expect(try await test.cache.isAncestor(old, of: new.id) == false)
        #expect(try await test.cache.isAncestor(baseID, of: new.id))
        #expect(try await test.cache.isAncestor(new.id, of: new.id))
        let unknown = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
        #expect(try await test.cache.isAncestor(unknown, of: new.id) == false)
        #expect(try await test.cache.commits(after: old, upTo: new.id, limit: 10).map(\.subject) == ["new"])
    }

    @Test func `lists the commits between two, through merges`() async throws {
        let repository = try await TestRepository()
        let base = try await repository.commit("base", ["a.yaml": "0"])
        try await repository.git("switch", "--quiet", "--create", "side")
        try await repository.commit("side", ["b.yaml": "1"])
        try await repository.git("switch", "--quiet", "main")
        try await repository.commit("main", ["a.yaml": "1"])
        try await repository.git("merge", "--quiet", "--message=merge", "side")
        let test = try TestCache(repository.path)
        let head = try await test.cache.fetch().commit
        #expect(head.parents.count == 2)
        let first = try #require(ObjectID(hex: base))
        let commits = try await test.cache.commits(after: first, upTo: head.id, limit: 10)
        #expect(Set(commits.map(\.subject)) == ["merge", "main", "side"])
        #expect(commits.first?.subject == "merge")
        #expect(try await test.cache.commits(after: first, upTo: head.id, limit: 2).count == 2)
    }

    @Test func `tells author, time and subject of a commit`() async throws {
        let repository = try await TestRepository()
        try await repository.git(
            "-c", "user.name=Zoë", "commit", "--quiet", "--allow-empty", "--date=@1700000000 +0100",
            "--message=Add the ERP\n\nBecause.")
        let test = try TestCache(repository.path)
        let commit = try await test.cache.fetch().commit
        #expect(commit.subject == "Add the ERP")
        #expect(commit.authorName == "Zoë")
        #expect(commit.authorEmail == "test@example.com")
        #expect(commit.authoredAt == 1_700_000_000_000)
        #expect(try await test.cache.commit(commit.id) == commit)
    }
}
