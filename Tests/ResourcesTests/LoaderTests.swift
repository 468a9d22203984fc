import Foundation
import Resources
import Synchronization
import Testing

struct LoaderTests {
    private struct Unreadable: Error {}

    @Test func `a file is read again only when its content has another identity`() throws {
        let reads = Mutex(0)
        func files(_ identity: String, _ name: String) -> [ConfigurationFile] {
            [
                ConfigurationFile(path: "a.yaml", contentID: identity) {
                    reads.withLock { $0 += 1 }
                    return Array(secret.replacing("erp-signing", with: name).utf8)
                }
            ]
        }
        var loader = Loader()
        #expect(try loader.load(files("1", "a")).desiredState().resources.map(\.id.name) == ["a"])
        #expect(try loader.load(files("1", "b")).desiredState().resources.map(\.id.name) == ["a"])
        #expect(reads.withLock { $0 } == 1)
        #expect(try loader.load(files("2", "b")).desiredState().resources.map(\.id.name) == ["b"])
        #expect(loader.load([]).isValid)
        #expect(try loader.load(files("2", "c")).desiredState().resources.map(\.id.name) == ["c"])
    }

    @Test func `an unreadable file is an error, and is tried again`() throws {
        var loader = Loader()
        let broken = ConfigurationFile(path: "a.yaml", contentID: "1") { throw Unreadable() }
        #expect(loader.load([broken]).diagnostics.map(\.code) == [.unreadableFile])
        #expect(
            loader.load([ConfigurationFile(path: "a.yaml", contentID: "1", bytes: Array(secret.utf8))])
                .isValid)
    }

    @Test func `problems between files come and go without the files being read again`() {
        var loader = Loader()
        let secretFile = ConfigurationFile(path: "s.yaml", contentID: "1", bytes: Array(secret.utf8))
        let text = subscription().replacing("---\n\(secret)", with: "")
        let other = ConfigurationFile(path: "a.yaml", contentID: "1", bytes: Array(text.utf8))
        #expect(loader.load([other, secretFile]).isValid)
        #expect(loader.load([other]).diagnostics.map(\.code) == [.unknownReference])
        #expect(loader.load([secretFile, other]).isValid)
    }

    @Test func `a missing reference is not reported while a file cannot be read`() {
        let text = subscription().replacing(secret, with: "broken: [\n")
        #expect(load(text).diagnostics.map(\.code) == [.syntax])
    }

    @Test func `a failed configuration has no desired state, an empty one has an empty one`() throws {
        #expect(throws: InvalidConfiguration.self) { try load("a: [").desiredState() }
        #expect(try load("").desiredState().isEmpty)
    }

    @Test func `a folder is read without links, hidden files and what is ignored`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "zentra-sync-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, text) in [
            "b/two.yml": "2", "one.yaml": "1", "_draft/x.yaml": "x", ".hidden.yaml": "x", "skip/x.yaml": "x",
            "skip/keep.yaml": "x",
            "note.txt": "x", ".zentra-syncignore": "skip/\n!skip/keep.yaml\n",
        ] {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "link.yaml"), withDestinationURL: folder.appending(path: "one.yaml"))
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "loop"), withDestinationURL: folder)
        #expect(mkfifo(folder.appending(path: "pipe.yaml").path(percentEncoded: false), 0o600) == 0)
        let root = folder.path(percentEncoded: false)
        // Not UTF-8, so that no text names it.
        let odd = Array((root + "/").utf8CString.dropLast()) + [-1] + Array(".yaml".utf8CString)
        let descriptor = open(odd, O_CREAT | O_WRONLY, 0o600)
        defer { unlink(odd) }
        #expect(descriptor >= 0 && close(descriptor) == 0)
        let listing = try DirectoryReader(root: root).listing()
        #expect(listing.files.map(\.path) == ["b/two.yml", "one.yaml"])
        #expect(
            listing.skipped == [
                "`link.yaml` is a symbolic link", "`loop` is a symbolic link",
                "`\u{FFFD}.yaml` has a name that is not UTF-8",
            ], "\(listing.skipped)")
        #expect(throws: DirectoryReader.Failure.self) {
            try DirectoryReader(root: folder.path(percentEncoded: false) + "/none").files()
        }
    }
}
