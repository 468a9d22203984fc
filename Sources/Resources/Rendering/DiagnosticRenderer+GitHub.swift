extension DiagnosticRenderer {
    /// A workflow command of GitHub Actions, which becomes an annotation in the pull request.
    func github(_ diagnostic: Diagnostic) -> String {
        let position = diagnostic.position
        let properties = [
            "file=\(Self.property(pathPrefix + position.file))", "line=\(position.line)",
            "col=\(position.column)",
            "endColumn=\(position.column + diagnostic.length)", "title=\(diagnostic.code.rawValue)",
        ]
        let text = [diagnostic.message, diagnostic.hint].compactMap(\.self).joined(separator: "\n")
        return "::\(diagnostic.severity.rawValue) \(properties.joined(separator: ","))::\(Self.data(text))\n"
    }

    private static func data(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    private static func property(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    private static func escape(_ text: String, _ table: [Unicode.Scalar: String]) -> String {
        text.unicodeScalars.reduce(into: "") { $0 += table[$1] ?? String($1) }
    }
}
