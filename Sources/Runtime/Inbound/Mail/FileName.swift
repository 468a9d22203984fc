/// Names of attachments, which strangers choose.
enum FileName {
    static let maximumLength = 255

    /// The last component, without control characters and what hides or leads elsewhere, at most 255 bytes with the
    /// extension kept; `attachment` when nothing is left.
    static func safe(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        var text = String(
            String.UnicodeScalarView(
                last.unicodeScalars.filter { scalar in
                    switch scalar.properties.generalCategory {
                    // Format characters turn the direction of text and hide an extension.
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
                    default: true
                    }
                }))
        while let first = text.first, first == "." || first.isWhitespace { text.removeFirst() }
        while let last = text.last, last == "." || last.isWhitespace { text.removeLast() }
        guard !text.isEmpty else { return "attachment" }
        return shortened(text)
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maximumLength else { return name }
        var ending = ""
        if let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 16 { ending = String(name[dot...]) }
        var stem = name.dropLast(ending.count)
        stem = stem.prefix(maximumLength)
        while stem.utf8.count + ending.utf8.count > maximumLength { stem.removeLast() }
        return stem + ending
    }

    /// A media type that may be sent back; anything else is bytes.
    static func contentType(_ text: String) -> String {
        let essence = MediaType(text).essence
        let parts = essence.split(separator: "/", omittingEmptySubsequences: false)
        let isToken =
            parts.count == 2 && essence.utf8.count <= 127
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy {
                        0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || "!#$&^_.+-".utf8.contains($0)
                    }
            }
        return isToken ? essence : "application/octet-stream"
    }
}
