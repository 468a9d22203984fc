package import JSON

/// The forms in which diagnostics are printed.
package enum DiagnosticFormat: String, Sendable, CaseIterable {
    case human, json, github, sarif
}

/// Prints diagnostics, in the order in which they are given.
package struct DiagnosticRenderer: Sendable {
    /// Colours for a terminal.
    package var isColoured = false
    /// What stands before each path: where the configured root is within the repository, for tools that resolve paths
    /// from there. Empty, or ends with `/`.
    package var pathPrefix = ""
    /// The version of the tool, for SARIF.
    package var toolVersion = ""

    package init(isColoured: Bool = false, pathPrefix: String = "", toolVersion: String = "") {
        self.isColoured = isColoured
        self.pathPrefix = pathPrefix
        self.toolVersion = toolVersion
    }

    /// The text in the given form, each line with its line break; empty for no diagnostics in the forms of lines.
    package func text(_ diagnostics: [Diagnostic], as format: DiagnosticFormat) -> String {
        switch format {
        case .human: diagnostics.map(human).joined()
        case .json: json(diagnostics).prettyText + "\n"
        case .github: diagnostics.map(github).joined()
        case .sarif: sarif(diagnostics).prettyText + "\n"
        }
    }

    /// `{"formatVersion":1,"summary":{…},"diagnostics":[…]}`
    package func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        let errors = diagnostics.count { $0.severity == .error }
        return [
            "formatVersion": 1,
            "summary": [
                "errors": .number(JSONNumber(errors)),
                "warnings": .number(JSONNumber(diagnostics.count - errors)),
            ],
            "diagnostics": .array(diagnostics.map(json)),
        ]
    }

    private func json(_ diagnostic: Diagnostic) -> JSONValue {
        [
            "severity": .string(diagnostic.severity.rawValue), "code": .string(diagnostic.code.rawValue),
            "message": .string(diagnostic.message), "file": .string(pathPrefix + diagnostic.position.file),
            "line": .number(JSONNumber(diagnostic.position.line)),
            "column": .number(JSONNumber(diagnostic.position.column)),
            "length": .number(JSONNumber(diagnostic.length)),
            "hint": diagnostic.hint.map { .string($0) } ?? .null,
        ]
    }
}
