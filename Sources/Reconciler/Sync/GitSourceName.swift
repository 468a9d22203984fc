import GitSource
import JSON

/// What a git source is called: repository, reference and folder in one line, for people, and to find its files again.
///
/// References have no spaces (git-check-ref-format); a folder that has some, or quotation marks, stands as a JSON string.
/// So the line is read from its end, whatever the address of the repository has in it.
struct GitSourceName: Equatable, CustomStringConvertible {
    let url: String
    let reference: String
    let path: String

    init(_ remote: GitRemote) {
        url = "\(remote.url)"
        reference = "\(remote.reference)"
        path = "\(remote.path)"
    }

    /// nil for what is not the name of a git source.
    init?(_ description: String) {
        guard let (front, path) = Self.path(at: description), let space = front.lastIndex(of: " ") else {
            return nil
        }
        url = String(front[..<space])
        reference = String(front[front.index(after: space)...])
        self.path = path
    }

    var description: String {
        let isPlain = !path.contains { $0 == "\"" || $0.isWhitespace }
        return "\(url) \(reference) \(isPlain ? path : JSONValue.string(path).text)"
    }

    /// The folder at the end, and what stands before it.
    private static func path(at description: String) -> (front: Substring, path: String)? {
        guard description.last == "\"" else {
            return description.lastIndex(of: " ").map { space in
                (description[..<space], String(description[description.index(after: space)...]))
            }
        }
        // Inside of the string each quotation mark has a backslash before it, and only the one at its end has none.
        guard let begin = description.dropLast().ranges(of: " \"").last?.lowerBound,
            case .string(let path)? = try? JSONValue(
                parsing: Array(description[description.index(after: begin)...].utf8))
        else { return nil }
        return (description[..<begin], path)
    }
}
