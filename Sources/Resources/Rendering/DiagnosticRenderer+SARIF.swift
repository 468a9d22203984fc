package import JSON

extension DiagnosticRenderer {
    /// A log of SARIF 2.1.0 with one run.
    package func sarif(_ diagnostics: [Diagnostic]) -> JSONValue {
        let codes = DiagnosticCode.allCases.filter { code in diagnostics.contains { $0.code == code } }
        var driver: JSONObject = ["name": "zentra-sync"]
        if !toolVersion.isEmpty { driver["version"] = .string(toolVersion) }
        driver["rules"] = .array(
            codes.map {
                ["id": .string($0.rawValue), "shortDescription": ["text": .string($0.summary)]]
            })
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": ["driver": .object(driver)],
                    "columnKind": "unicodeCodePoints",
                    "results": .array(diagnostics.map { result($0, codes) }),
                ]
            ],
        ]
    }

    private func result(_ diagnostic: Diagnostic, _ codes: [DiagnosticCode]) -> JSONValue {
        let position = diagnostic.position
        let text = [diagnostic.message, diagnostic.hint].compactMap(\.self).joined(separator: ": ")
        let index = codes.firstIndex(of: diagnostic.code) ?? 0
        return [
            "ruleId": .string(diagnostic.code.rawValue),
            "ruleIndex": .number(JSONNumber(index)),
            "level": .string(diagnostic.severity.rawValue),
            "message": ["text": .string(text)],
            "locations": [
                [
                    "physicalLocation": [
                        "artifactLocation": ["uri": .string(Self.uri(pathPrefix + position.file))],
                        "region": [
                            "startLine": .number(JSONNumber(position.line)),
                            "startColumn": .number(JSONNumber(position.column)),
                            "endColumn": .number(JSONNumber(position.column + diagnostic.length)),
                        ],
                    ]
                ]
            ],
        ]
    }

    /// A relative reference of RFC 3986.
    private static func uri(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                || "-._~/".utf8.contains(byte)
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
