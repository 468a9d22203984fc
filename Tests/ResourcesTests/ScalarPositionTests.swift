import Testing

@testable import Resources

/// Where a problem within an expression shows: each test marks the `@` of a scalar by its offset in the decoded text.
struct ScalarPositionTests {
    @Test(arguments: [
        "a @b",
        "\"a @b\"",
        "'a @b'",
        "'it''s @b'",
        #""tab\t\u00e4\x41 \U0001F600@b""#,
        "\"ä😀@\"",
        "plain\n    second @line",
        "plain\n\n\n    third @line",
        "\"quoted  \n    second @line\n\n    last @line \"",
        "\"escaped \\\n    joined @line\"",
        "'single\n    second @line'",
        "|\n    first\n    second @line\n",
        "|\n    first\n      indented @more\n\n    last @line\n",
        "|2\n      first\n     second @line\n",
        "|-\n    first\n    @second",
        "|+\n    first @\n\n",
        ">\n    folded\n    second @line\n\n    next @paragraph\n      kept @indented\n      more\n    back @again\n",
        ">-\n\n    leading\n    blank @line\n",
        ">+ # comment\n    folded @text\n    more\n",
    ])
    func `a place in a scalar is the place in the file`(_ value: String) throws {
        let text = "before: 1\nspec:\n  if: \(value)\n"
        let file = SourceFile(path: "a.yaml", bytes: Array(text.utf8))
        var sink = DiagnosticSink([file])
        let node = try #require(YAMLReader.read(file, into: &sink).first?["spec"]?["if"])
        guard case .scalar(let scalar) = node.content else { return }
        let positions = ScalarPositions(scalar.text, style: scalar.style, span: node.span, source: file)
        let found = scalar.text.unicodeScalars.enumerated().filter { $0.element == "@" }.map {
            positions.span(offset: $0.offset, length: 1).start
        }
        var expected: [Mark] = []
        for (line, content) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for (column, scalar) in content.unicodeScalars.enumerated() where scalar == "@" {
                expected.append(Mark(line: Int32(line + 1), column: Int32(column + 1)))
            }
        }
        #expect(!expected.isEmpty)
        #expect(found == expected)
    }

    @Test func `what stands around a replaced value keeps its place`() throws {
        let file = SourceFile(path: "a.yaml", bytes: Array("if: \"a ${values.x} b\"".utf8))
        var sink = DiagnosticSink([file])
        let node = try #require(YAMLReader.read(file, into: &sink).first?["if"])
        let positions = ScalarPositions("a long text b", style: .doubleQuoted, span: node.span, source: file)
        #expect(positions.span(offset: 0, length: 1).start.column == 6)
        #expect(positions.span(offset: 4, length: 1).start.column == 8)
        #expect(positions.span(offset: 12, length: 1).start.column == 20)
    }
}
