/// One line of gitignore syntax.
struct IgnorePattern: Sendable {
    private enum Part: Sendable {
        /// `**`: any number of folders.
        case anyDepth
        case name([UInt8])
    }

    let isNegated: Bool
    private let foldersOnly: Bool
    private let parts: [Part]

    /// nil for a blank line and a comment.
    init?(_ line: String) {
        var bytes = Self.withoutTrailingSpaces(Array(line.utf8))
        guard let first = bytes.first, first != UInt8(ascii: "#") else { return nil }
        isNegated = first == UInt8(ascii: "!")
        if isNegated { bytes.removeFirst() }
        foldersOnly = bytes.last == Self.slash
        if foldersOnly { bytes.removeLast() }
        guard !bytes.isEmpty else { return nil }
        let isAnchored = bytes.contains(Self.slash)
        if bytes.first == Self.slash { bytes.removeFirst() }
        var parts = bytes.split(separator: Self.slash).map {
            $0.elementsEqual("**".utf8) ? Part.anyDepth : .name(Array($0))
        }
        if !isAnchored { parts.insert(.anyDepth, at: 0) }
        self.parts = parts
    }

    func matches(_ components: [[UInt8]], isFolder: Bool) -> Bool {
        guard isFolder || !foldersOnly else { return false }
        return Self.match(parts[...], components[...])
    }

    private static func match(_ parts: ArraySlice<Part>, _ components: ArraySlice<[UInt8]>) -> Bool {
        var (parts, components) = (parts, components)
        // Where to go on with the last `**` taking one folder more; earlier ones never need to.
        var retry: (parts: ArraySlice<Part>, components: ArraySlice<[UInt8]>)?
        while true {
            switch (parts.first, components.first) {
            case (.anyDepth, _):
                parts = parts.dropFirst()
                // A `**` at the end is everything below, not the folder itself.
                if parts.isEmpty { return !components.isEmpty }
                retry = (parts, components)
                continue
            case (.name(let pattern), let name?) where Wildcard.matches(pattern[...], name[...]):
                (parts, components) = (parts.dropFirst(), components.dropFirst())
                continue
            case (nil, nil): return true
            default: break
            }
            guard let last = retry, !last.components.isEmpty else { return false }
            (parts, components) = (last.parts, last.components.dropFirst())
            retry = (parts, components)
        }
    }

    /// Spaces at the end do not count unless a backslash stands before them.
    private static func withoutTrailingSpaces(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if bytes.last == 0x0D { bytes.removeLast() }
        while bytes.last == 0x20 {
            let backslashes = bytes.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            if backslashes % 2 == 1 { break }
            bytes.removeLast()
        }
        return bytes
    }

    private static let slash = UInt8(ascii: "/")
}
