internal import Expressions
package import JSON
internal import Resources

/// The form in which a journal holds a request: readable, with the secrets' names, and exact.
extension RequestPlan {
    package var json: JSONValue {
        var members: JSONObject = [
            "method": .string(method), "url": url.json,
            "headers": .array(headers.map { [.string($0.name), $0.value.json] }),
            "timeout": .number(JSONNumber(timeout.wholeMilliseconds)), "key": .string(idempotencyKey),
        ]
        if isAtMostOnce { members["atMostOnce"] = true }
        if let body {
            members["body"] = body.json
            if body.isText { members["isText"] = true }
            if !body.secrets.isEmpty {
                members["secrets"] = .array(body.secrets.map { [$0.path.json, $0.text.json] })
            }
        }
        return .object(members)
    }

    package init?(json: JSONValue) {
        guard let method = json["method"]?.string, let url = json["url"].flatMap(SecretText.init(json:)),
            let timeout = json["timeout"]?.int, let key = json["key"]?.string
        else { return nil }
        self.method = method
        self.url = url
        self.timeout = .milliseconds(timeout)
        idempotencyKey = key
        isAtMostOnce = json["atMostOnce"]?.bool ?? false
        var headers: [(name: String, value: SecretText)] = []
        for header in json["headers"]?.array ?? [] {
            guard let pair = header.array, pair.count == 2, let name = pair[0].string,
                let value = SecretText(json: pair[1])
            else { return nil }
            headers.append((name, value))
        }
        self.headers = headers
        guard let body = json["body"] else {
            self.body = nil
            return
        }
        var secrets: [(path: TemplatePath, text: SecretText)] = []
        for leaf in json["secrets"]?.array ?? [] {
            guard let pair = leaf.array, pair.count == 2, let path = TemplatePath(json: pair[0]),
                let text = SecretText(json: pair[1])
            else { return nil }
            secrets.append((path, text))
        }
        self.body = Body(json: body, secrets: secrets, isText: json["isText"]?.bool ?? false)
    }
}

extension TemplatePath {
    fileprivate var json: JSONValue {
        .array(
            steps.map { step in
                switch step {
                case .key(let key): .string(key)
                case .index(let index): .number(JSONNumber(index))
                }
            })
    }

    fileprivate init?(json: JSONValue) {
        guard let elements = json.array else { return nil }
        var steps: [Step] = []
        for element in elements {
            if let key = element.string {
                steps.append(.key(key))
            } else if let index = element.int {
                steps.append(.index(index))
            } else {
                return nil
            }
        }
        self.init(steps)
    }
}
