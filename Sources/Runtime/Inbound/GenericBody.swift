import JSON

/// The body of a message for a workflow: an object for JSON and forms, a string for other text.
enum GenericBody {
    /// Whether bodies of this type are taken at all.
    static func isAccepted(_ type: MediaType) -> Bool {
        if type.isJSON { return type.charset.map { Charset.isUTF8($0) } ?? true }
        return type.isForm || type.isText || type.isXML
    }

    /// - Throws: `Problem` 400.
    static func value(_ bytes: UnsafeBufferPointer<UInt8>, _ type: MediaType) throws -> JSONValue {
        if type.isJSON {
            do {
                return try JSONValue(parsing: bytes, limits: .received)
            } catch {
                throw Problem.malformed("the body is not JSON: \(error)")
            }
        }
        if type.isForm { return .object(form(bytes)) }
        return .string(Charset.text(Array(bytes), charset: type.charset))
    }

    /// A field that is there several times is an array.
    private static func form(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONObject {
        var fields = JSONObject()
        for (name, value) in URLEncodedForm.fields(bytes) {
            let value = JSONValue.string(Charset.text(value, charset: nil))
            let name = Charset.text(name, charset: nil)
            switch fields[name] {
            case nil: fields[name] = value
            case .array(let values): fields[name] = .array(values + [value])
            case .some(let first): fields[name] = [first, value]
            }
        }
        return fields
    }
}
