import Foundation
import JSON

@testable import Expressions

/// One test of the conformance files.
struct ConformanceCase {
    private let test: JSONValue

    init(_ test: JSONValue) { self.test = test }

    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    func run() throws {
        guard let expectation = test["expect"] else { throw Failure("the test expects nothing") }
        let outcome = try outcome()
        if let type = expectation["deduced_type"]?.string, let deduced = try deducedType(), deduced != type {
            throw Failure("deduced \(deduced), expected \(type)")
        }
        if let expected = expectation["value"] {
            let expected = try Self.value(expected)
            guard case .success(let value) = outcome else {
                throw Failure("\(String(describing: outcome)), expected \(expected)")
            }
            guard Self.isSame(value, expected) else { throw Failure("got \(value), expected \(expected)") }
        } else if expectation["error"] != nil || expectation["any_error"] != nil {
            if case .success(let value)? = outcome { throw Failure("got \(value), expected an error") }
        }
    }

    // MARK: Running

    /// nil where only types are checked.
    private func outcome() throws -> Result<CELValue, any Error>? {
        guard test["check_only"]?.bool != true else { return nil }
        let declarations = try declarations()
        var activation = Activation()
        for (name, value) in test["bindings"]?.object ?? JSONObject() {
            activation.set(name, try Self.value(value))
        }
        return Result {
            let program = try Program.compile(test["expr"]?.string ?? "", in: declarations)
            let value = try program.evaluate(activation)
            // What is merged and evaluated ahead must not show in the result.
            let explained = try program.explain(activation).result.get()
            guard Self.isSame(value, explained) else { throw Failure("\(value), but \(explained) explained") }
            return value
        }
    }

    private func deducedType() throws -> String? {
        try Program.deduceType(of: test["expr"]?.string ?? "", in: declarations()).description
    }

    private func declarations() throws -> Declarations {
        var declarations = Declarations()
        declarations.container = test["container"]?.string ?? ""
        declarations.checksTypes = test["disable_check"]?.bool != true
        declarations.expandsMacros = test["disable_macros"]?.bool != true
        for name in test["bindings"]?.object?.keys ?? [] { declarations.declare(name, .dyn) }
        for declaration in test["type_env"]?.array ?? [] {
            if let name = declaration["ident"]?.string {
                declarations.declare(name, try Self.type(declaration["type"]))
            } else if let name = declaration["function"]?.string {
                for overload in declaration["overloads"]?.array ?? [] {
                    let parameters = try (overload["params"]?.array ?? []).map { try Self.type($0) }
                    declarations.declare(
                        Overload(
                            name, parameters, try Self.type(overload["result"]),
                            isMethod: overload["receiver_style"]?.bool ?? false))
                }
            }
        }
        return declarations
    }

    private static func type(_ json: JSONValue?) throws -> CELType {
        guard let text = json?.string, let type = CELType(text) else { throw Failure("unknown type") }
        return type
    }

    // MARK: Values

    static func value(_ json: JSONValue) throws -> CELValue {
        guard let object = json.object, object.count == 1, let (kind, content) = object.first else {
            throw Failure("a value has exactly one key")
        }
        switch kind {
        case "null": return .null
        case "bool": return .bool(content.bool ?? false)
        case "int": return .int(try number(content, Int64.init))
        case "uint": return .uint(try number(content, UInt64.init))
        case "double": return .double(try number(content, Double.init))
        case "string": return .string(content.string ?? "")
        case "bytes": return .bytes([UInt8](Data(base64Encoded: content.string ?? "") ?? Data()))
        case "list": return .list(try (content.array ?? []).map { try value($0) })
        case "map": return try map(content)
        case "type": return .type(.init(content.string ?? ""))
        case "timestamp", "duration": return try time(kind, content)
        default: throw Failure("unknown kind of value \(kind)")
        }
    }

    private static func map(_ content: JSONValue) throws -> CELValue {
        var builder = MapBuilder()
        for pair in content.array ?? [] {
            try builder.add(try value(pair.array?[0] ?? .null), try value(pair.array?[1] ?? .null))
        }
        return .map(builder.map)
    }

    private static func time(_ kind: String, _ content: JSONValue) throws -> CELValue {
        let seconds = try content["seconds"].map { try number($0, Int64.init) } ?? 0
        let nanoseconds = content["nanos"]?.int ?? 0
        if kind == "timestamp", let time = Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds)) {
            return .timestamp(time)
        }
        if kind == "duration", let duration = CELDuration(seconds: seconds, nanoseconds: Int64(nanoseconds)) {
            return .duration(duration)
        }
        throw Failure("\(kind) out of range")
    }

    /// Numbers are texts, so that no digit is lost; small ones may be JSON numbers.
    private static func number<Number>(_ json: JSONValue, _ make: (String) -> Number?) throws -> Number {
        let text: String? = if case .number(let number) = json { number.text } else { json.string }
        guard let number = text.flatMap(make) else { throw Failure("not a number: \(json)") }
        return number
    }

    /// Equality by value and type; any NaN equals NaN.
    private static func isSame(_ left: CELValue, _ right: CELValue) -> Bool {
        switch (left, right) {
        case (.double(let left), .double(let right)):
            (left.isNaN && right.isNaN) || (left == right && left.sign == right.sign)
        case (.list(let left), .list(let right)):
            left.count == right.count && (0..<left.count).allSatisfy { isSame(left[$0], right[$0]) }
        case (.map(let left), .map(let right)):
            left.count == right.count
                && (0..<left.count).allSatisfy { position in
                    let (key, value) = left[position]
                    return (0..<right.count).contains {
                        isSame(key, right[$0].key) && isSame(value, right[$0].value)
                    }
                }
        default: left.typeName == right.typeName && left.description == right.description
        }
    }
}
