/// HTML as plain text, for mails that have nothing else. Not a renderer: tags end, blocks become lines, entities become
/// characters, scripts and styles vanish.
enum HTMLText {
    private static let blocks: Set<String> = [
        "address", "article", "blockquote", "br", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5",
        "h6",
        "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
    ]
    private static let silent: Set<String> = ["head", "script", "style", "title", "template"]

    static func text(_ html: String) -> String {
        var output = ""
        var rest = Substring(html)
        while let position = rest.firstIndex(where: { $0 == "<" || $0 == "&" }) {
            append(rest[..<position], to: &output)
            rest = rest[position...]
            if rest.first == "&" { entity(&rest, to: &output) } else { tag(&rest, to: &output) }
        }
        append(rest, to: &output)
        return tidy(output)
    }

    /// White space collapses, as in a browser.
    private static func append(_ text: Substring, to output: inout String) {
        for character in text {
            guard character.isWhitespace else {
                output.append(character)
                continue
            }
            if let last = output.last, !last.isWhitespace { output.append(" ") }
        }
    }

    private static func tag(_ rest: inout Substring, to output: inout String) {
        if rest.hasPrefix("<!--") {
            rest = after("-->", in: rest)
            return
        }
        let inner = rest.dropFirst()
        guard let first = inner.first, first.isLetter || first == "/" || first == "!" || first == "?" else {
            output.append("<")
            rest = inner
            return
        }
        let name = inner.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
        rest = after(">", in: rest)
        if silent.contains(name), first != "/" {
            rest = afterEnd(of: name, in: rest)
        } else if blocks.contains(name), output.last != "\n", !output.isEmpty {
            output.append("\n")
        } else if name == "td" || name == "th", let last = output.last, !last.isWhitespace {
            output.append(" ")
        }
    }

    private static func after(_ marker: String, in text: Substring) -> Substring {
        guard let range = text.firstRange(of: marker) else { return text.suffix(0) }
        return text[range.upperBound...]
    }

    private static func afterEnd(of name: String, in text: Substring) -> Substring {
        var rest = text
        while let start = rest.firstRange(of: "</") {
            rest = rest[start.upperBound...]
            if rest.prefix(name.count).lowercased() == name { return after(">", in: rest) }
        }
        return rest.suffix(0)
    }

    private static let entities = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "shy": "", "copy": "©",
        "reg": "®",
        "trade": "™", "euro": "€", "hellip": "…", "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’",
        "ldquo": "“", "rdquo": "”", "bdquo": "„", "laquo": "«", "raquo": "»", "bull": "•", "middot": "·",
        "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß",
        "eacute": "é",
        "egrave": "è", "agrave": "à", "ccedil": "ç", "ntilde": "ñ", "deg": "°", "para": "¶", "sect": "§",
    ]

    private static func entity(_ rest: inout Substring, to output: inout String) {
        let inner = rest.dropFirst()
        let name = inner.prefix(12).prefix { $0 != ";" && $0 != "&" && !$0.isWhitespace }
        let tail = inner.dropFirst(name.count)
        var text = entities[String(name)]
        if name.hasPrefix("#") {
            let digits = name.dropFirst()
            let isHex = digits.first == "x" || digits.first == "X"
            let number = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            text = number.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
        }
        guard let text, tail.first == ";" else {
            output.append("&")
            rest = inner
            return
        }
        output += text
        rest = tail.dropFirst()
    }

    /// No white space at the ends of lines, no more than one empty line.
    private static func tidy(_ text: String) -> String {
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let content = line.drop { $0.isWhitespace }
            let trimmed = content.reversed().drop { $0.isWhitespace }.reversed()
            lines.append(Substring(String(trimmed)))
        }
        let kept = lines.enumerated().filter { index, line in
            !line.isEmpty || (index > 0 && !lines[index - 1].isEmpty)
        }.map(\.element)
        return kept.joined(separator: "\n").trimmingSpaces
    }
}
