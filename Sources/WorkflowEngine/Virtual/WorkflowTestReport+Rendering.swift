internal import JSON

/// The form in which a report is written.
package enum WorkflowTestFormat: String, Sendable, CaseIterable {
    case human, junit, json
}

extension WorkflowTestReport {
    /// The report with a line end.
    package func text(_ format: WorkflowTestFormat) -> String {
        switch format {
        case .human: human
        case .junit: junit
        case .json: json.prettyText + "\n"
        }
    }

    private var human: String {
        var text = ""
        for one in cases {
            text += "\(one.isPassed ? "ok  " : "FAIL")  \(one.test): \(one.name)\n"
            for failure in one.failures {
                text += "        \(failure.place)\(failure.crash.map { ", killed after \($0)" } ?? "")\n"
                text += "          - \(failure.expected)\n          + \(failure.actual)\n"
            }
            guard !one.history.isEmpty else { continue }
            text += "        what happened:\n"
            for line in one.history { text += "          \(line)\n" }
        }
        let (all, bad) = (cases.count, failed.count)
        return text + "\(all) case\(all == 1 ? "" : "s"), \(bad) failed\n"
    }

    private var json: JSONValue {
        [
            "formatVersion": 1,
            "summary": [
                "cases": .number(JSONNumber(cases.count)), "failed": .number(JSONNumber(failed.count)),
            ],
            "cases": .array(
                cases.map { one in
                    [
                        "test": .string(one.test), "workflow": .string(one.workflow),
                        "name": .string(one.name), "passed": .bool(one.isPassed),
                        "failures": .array(
                            one.failures.map { failure in
                                [
                                    "place": .string(failure.place), "expected": .string(failure.expected),
                                    "actual": .string(failure.actual),
                                    "crash": failure.crash.map(JSONValue.string) ?? .null,
                                ]
                            }),
                        "history": .array(one.history.map(JSONValue.string)),
                    ]
                }),
        ]
    }

    /// The form that continuous integration systems read: one suite for each test.
    private var junit: String {
        var names: [String] = []
        for one in cases where !names.contains(one.test) { names.append(one.test) }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites tests=\"\(cases.count)\" failures=\"\(failed.count)\">\n"
        for name in names {
            let own = cases.filter { $0.test == name }
            text += "  <testsuite name=\"\(Self.escape(name))\" tests=\"\(own.count)\""
            text += " failures=\"\(own.filter { !$0.isPassed }.count)\">\n"
            for one in own { text += Self.junit(one) }
            text += "  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }

    private static func junit(_ one: Case) -> String {
        let head = "    <testcase classname=\"\(escape(one.workflow))\" name=\"\(escape(one.name))\""
        guard let first = one.failures.first else { return head + "/>\n" }
        let lines =
            one.failures.map { failure in
                "\(failure.place)\(failure.crash.map { ", killed after \($0)" } ?? "")"
                    + ": expected \(failure.expected), got \(failure.actual)"
            } + one.history
        return head + ">\n      <failure message=\"\(escape(first.place)) is not as expected\">"
            + escape(lines.joined(separator: "\n")) + "</failure>\n    </testcase>\n"
    }

    /// Text of XML 1.0, without the characters that it cannot hold.
    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
