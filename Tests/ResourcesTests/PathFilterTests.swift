import Resources
import Testing

struct PathFilterTests {
    @Test(arguments: [
        ("a.yaml", true), ("a/b/c.yml", true), ("a.YAML", false), ("a.json", false), ("yaml", false),
        (".a.yaml", false), ("_a.yaml", false),
        ("_lib/a.yaml", false), ("a/.git/b.yaml", false), ("a/_b/c.yaml", false), ("a_b/c.yaml", true),
        ("a/b_.yaml", true),
    ])
    func `reads YAML files outside of hidden folders`(_ path: String, _ isRead: Bool) {
        #expect(PathFilter().includes(path) == isRead)
    }

    @Test(
        arguments: [
            // pattern, ignored, kept
            ("foo.yaml", ["foo.yaml", "a/foo.yaml"], ["xfoo.yaml", "foo.yaml.yaml"]),
            ("/foo.yaml", ["foo.yaml"], ["a/foo.yaml"]),
            ("a/foo.yaml", ["a/foo.yaml"], ["b/a/foo.yaml"]),
            ("*.tmp.yaml", ["x.tmp.yaml", "a/b.tmp.yaml"], ["tmp.yaml"]),
            ("build/", ["build/x.yaml", "a/build/x.yaml"], ["build", "build.yaml"]),
            ("build", ["build/x.yaml", "build", "a/build/b/x.yaml"], ["builds/x.yaml"]),
            ("a/*", ["a/x.yaml", "a/b/c.yaml"], ["b/a/x.yaml", "a"]),
            ("a/*/c.yaml", ["a/b/c.yaml"], ["a/c.yaml", "a/b/b/c.yaml"]),
            ("**/foo/x.yaml", ["foo/x.yaml", "a/b/foo/x.yaml"], ["foo/a/x.yaml"]),
            ("a/**/x.yaml", ["a/x.yaml", "a/b/x.yaml", "a/b/c/x.yaml"], ["x.yaml", "b/a/x.yaml"]),
            ("a/**", ["a/x.yaml", "a/b/x.yaml"], ["a", "b/a/x.yaml"]),
            ("?.yaml", ["a.yaml"], ["ab.yaml", ".yaml"]),
            ("[a-c].yaml", ["b.yaml"], ["d.yaml", "-.yaml"]),
            ("[!a-c].yaml", ["d.yaml"], ["a.yaml"]),
            ("[^a].yaml", ["d.yaml"], ["a.yaml"]),
            ("[]a].yaml", ["].yaml", "a.yaml"], ["b.yaml"]),
            ("[a-].yaml", ["-.yaml", "a.yaml"], ["b.yaml"]),
            ("[[:digit:]].yaml", ["7.yaml"], ["a.yaml"]),
            ("[a", [], ["a", "[a"]),
            ("\\#a.yaml", ["#a.yaml"], ["a.yaml"]),
            ("\\!a.yaml", ["!a.yaml"], ["a.yaml"]),
            ("\\*.yaml", ["*.yaml"], ["a.yaml"]),
            ("# comment", [], ["# comment", "comment"]),
            ("a.yaml   ", ["a.yaml"], []),
            ("a\\ ", ["a "], ["a"]),
            ("a**b.yaml", ["axxb.yaml"], ["a/b.yaml"]),
            ("*", ["a.yaml", "b/c.yaml"], []),
            ("/", [], ["a.yaml"]),
            ("*.yaml\n!keep.yaml", ["a.yaml"], ["keep.yaml", "a/keep.yaml"]),
            ("a/\n!a/keep.yaml", ["a/keep.yaml"], []),
            ("a/*\n!a/keep.yaml", ["a/x.yaml"], ["a/keep.yaml"]),
            ("!a.yaml\na.yaml", ["a.yaml"], []),
            ("a.yaml\r\nb.yaml\r\n", ["a.yaml", "b.yaml"], []),
        ] as [(String, [String], [String])])
    func `ignores what gitignore would`(_ rules: String, _ ignored: [String], _ kept: [String]) {
        let rules = IgnoreRules(rules)
        for path in ignored { #expect(rules.ignores(path), "\(path)") }
        for path in kept { #expect(!rules.ignores(path), "\(path)") }
    }

    @Test func `hostile patterns take no time`() {
        let rules = IgnoreRules(
            String(repeating: "**/a/", count: 30) + "b\n" + String(repeating: "*a", count: 60))
        #expect(
            !rules.ignores(String(repeating: "a/", count: 200) + String(repeating: "a", count: 250) + "c"))
    }
}
