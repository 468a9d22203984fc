import JSON

/// Header fields as a JSON object.
enum HeaderText {
    static func write(_ headers: [String: String]) -> String {
        JSONValue.object(JSONObject(headers.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
            .text
    }

    static func read(_ text: String) -> [String: String] {
        guard let members = (try? JSONValue(parsing: text))?.object else { return [:] }
        return Dictionary(members.map { ($0.key, $0.value.string ?? "") }) { first, _ in first }
    }
}
