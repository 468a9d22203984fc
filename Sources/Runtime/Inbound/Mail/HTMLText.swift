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
        } else if name == "br" || blocks.contains(name) && output.last != "\n" && !output.isEmpty {
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

    /// U+00A0 to U+00FF in their order (HTML 4.01, section 24.2).
    private static let latin = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
        micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig \
        Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash \
        Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute \
        ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
        uuml yacute thorn yuml
        """

    /// What is left of HTML 4.01 (sections 24.3 and 24.4) in mails.
    private static let others = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "shy": "", "zwnj": "",
        "zwj": "",
        "trade": "™", "euro": "€", "hellip": "…", "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’",
        "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„", "lsaquo": "‹", "rsaquo": "›", "bull": "•",
        "dagger": "†", "Dagger": "‡", "permil": "‰", "prime": "′", "Prime": "″", "ensp": " ", "emsp": " ",
        "thinsp": " ", "OElig": "Œ", "oelig": "œ", "Scaron": "Š", "scaron": "š", "Yuml": "Ÿ", "fnof": "ƒ",
        "circ": "ˆ", "tilde": "˜", "larr": "←", "uarr": "↑", "rarr": "→", "darr": "↓", "harr": "↔",
        "minus": "−",
        "ne": "≠", "le": "≤", "ge": "≥", "infin": "∞", "radic": "√", "sum": "∑", "alpha": "α", "beta": "β",
        "gamma": "γ", "delta": "δ", "lambda": "λ", "mu": "μ", "pi": "π", "sigma": "σ", "omega": "ω",
        "Omega": "Ω",
    ]

    private static let entities: [String: String] = {
        let names = latin.split(separator: " ").enumerated().map { offset, name in
            (String(name), String(UnicodeScalar(UInt8(0xA0 + offset))))
        }
        return Dictionary(names) { first, _ in first }.merging(others) { $1 }
    }()

    /// What numbers of 128 to 159 stand for in practice (HTML, section 13.2.5.80): characters of Windows-1252.
    private static func character(_ number: UInt32) -> String? {
        if 0x80...0x9F ~= number { return Charset.text([UInt8(number)], charset: "windows-1252") }
        return Unicode.Scalar(number).map { String(Character($0)) }
    }

    private static func entity(_ rest: inout Substring, to output: inout String) {
        let inner = rest.dropFirst()
        let name = inner.prefix(12).prefix { $0 != ";" && $0 != "&" && !$0.isWhitespace }
        let tail = inner.dropFirst(name.count)
        var text = entities[String(name)]
        if name.hasPrefix("#") {
            let digits = name.dropFirst()
            let isHex = digits.first == "x" || digits.first == "X"
            let number = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            text = number.flatMap(character)
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
