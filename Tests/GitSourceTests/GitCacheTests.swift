import GitSource
import TestSupport
import Testing

struct GitCacheTests {
    @Test(arguments: ["", "file://"])
    func `fetches and reads a local repository`(_ scheme: String) async throws {
        let repository = try await TestRepository()
        let id = try await repository.commit(
            "Add the ERP", ["erp.yaml": "a: 1\n", "more/crm.yaml": "b: 2\n"])
        let test = try TestCache(scheme + repository.path)
        let cache = test.cache

        let revision = try await cache.fetch()
        #expect(revision.commit.id.hex == id)
        #expect(revision.commit.subject == "Add the ERP")
        #expect(revision.reference == "refs/heads/main")
        #expect(revision.isNew)

        let listing = try await cache.files(of: revision.commit.id)
        #expect(listing.files.map(\.path) == ["erp.yaml", "more/crm.yaml"])
        let blobs = try await cache.blobs(listing.files.map(\.blob))
        #expect(blobs[listing.files[1].blob] == .bytes(Array("b: 2\n".utf8)))

        #expect(try await cache.fetch().isNew == false)
    }
}
