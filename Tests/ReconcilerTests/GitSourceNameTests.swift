import GitSource
import Testing

@testable import Reconciler

struct GitSourceNameTests {
    @Test(arguments: [
        "/srv/config", "/srv/my config main x", "file:///srv/my%20config%2520",
        "git@git.example.com:ops/my config",
        "https://git.example.com/ops/%22a b%22.git", "/srv/a \"b\" c",
    ])
    func `a source is found again by its name`(_ url: String) throws {
        let paths = [
            ".", "a/b", "my configuration", " edge ", "größe/集成 2", "it's \"odd\" twice\"", "\"", "-dash",
            "a \"b c",
            "a%20b", "no\u{A0}break",
        ]
        for path in paths {
            for ref in [nil, "main", "refs/tags/v1.0"] {
                let remote = try GitRemote(url: url, ref: ref, path: path)
                let name = GitSourceName(remote)
                #expect(GitSourceName(name.description) == name)
                let again = try GitRemote(url: name.url, ref: name.reference, path: name.path)
                #expect(
                    (again.url, again.path, again.reference) == (remote.url, remote.path, remote.reference))
            }
        }
    }

    @Test(arguments: ["", "config", "/srv/config main", "\"", " \"", "/srv/config main \"unfinished\\\""])
    func `what is no name of a git source is not taken for one`(_ text: String) {
        #expect(GitSourceName(text) == nil)
    }

    @Test func `a plain name is written as it is`() throws {
        let remote = try GitRemote(url: "/srv/config", ref: "main", path: "teams/größe")
        #expect(GitSourceName(remote).description == "/srv/config main teams/größe")
        let odd = try GitRemote(url: "/srv/config", ref: "main", path: "my \"best\" folder")
        #expect(GitSourceName(odd).description == #"/srv/config main "my \"best\" folder""#)
    }
}
