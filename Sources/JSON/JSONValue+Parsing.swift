extension JSONValue {
    /// Reads one JSON text: UTF-8, no duplicate keys, no lone surrogates, nothing after the value.
    package init(parsing bytes: some Collection<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
            Result { () throws(JSONError) in
                var scanner = JSONScanner(bytes, limits: limits)
                let value = try scanner.value()
                try scanner.end()
                return value
            }
        }
        let result =
            bytes.withContiguousStorageIfAvailable(parse) ?? Array(bytes).withUnsafeBufferPointer(parse)
        self = try result.get()
    }

    package init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(parsing: text.utf8, limits: limits)
    }
}

extension JSONScanner {
    fileprivate mutating func value() throws(JSONError) -> JSONValue {
        switch try peek() {
        case .object:
            var members = JSONObject()
            try object { (scanner, key) throws(JSONError) in members.append(key, try scanner.value()) }
            return .object(members)
        case .array:
            var elements: [JSONValue] = []
            try array { (scanner) throws(JSONError) in elements.append(try scanner.value()) }
            return .array(elements)
        case .string: return .string(try string())
        case .number: return .number(try number())
        case .literal: return try literal()
        }
    }
}
