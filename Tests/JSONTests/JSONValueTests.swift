import JSON
import Testing

struct JSONValueTests {
    @Test(arguments: [
        "null", "true", "-0", "1.50", "1e400", "123456789012345678901234567890", "\"\"", "\"a\\\"b\\\\\\n\"",
        "[]", "{}", "[1,[2,{\"b\":3,\"a\":4}]]", "\"ä€😀\"", "{\"z\":1,\"a\":{\"é\":1,\"e\u{301}\":2}}",
    ])
    func `keeps order, digits and characters`(_ text: String) throws {
        #expect(try JSONValue(parsing: text).text == text)
        let pretty = try JSONValue(parsing: text).prettyText
        #expect(try JSONValue(parsing: pretty).text == text)
    }

    @Test(arguments: [
        ("", 0), ("nul", 0), ("01", 1), ("1.", 2), ("-", 1), ("+1", 0), ("[1,]", 3), ("{\"a\":1,}", 7),
        ("[1 2]", 3),
        ("{\"a\" 1}", 5), ("{a:1}", 1), ("\"\\x\"", 1), ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"\t\"", 1),
        ("\"abc", 0), ("1 1", 2), ("{\"a\":1,\"\\u0061\":2}", 7), ("'a'", 0), ("NaN", 0), ("[", 1),
    ])
    func `names the byte where a text stops being JSON`(_ text: String, _ offset: Int) {
        #expect { try JSONValue(parsing: text) } throws: { ($0 as? JSONError)?.offset == offset }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22],
        ] as [[UInt8]])
    func `refuses what is not UTF-8`(_ bytes: [UInt8]) {
        #expect { try JSONValue(parsing: bytes) } throws: { ($0 as? JSONError)?.offset == 1 }
    }

    @Test func `stops at whatever needs a look, wherever in a string it stands`() throws {
        for (length, byte) in (1...20).flatMap({ length in (0...255).map { (length, UInt8($0)) } }) {
            for place in 0..<length {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                text[place] = byte
                let quoted = [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]
                let isPlain = 0x20..<0x80 ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                if isPlain {
                    #expect(try JSONValue(parsing: quoted).string?.utf8.elementsEqual(text) == true)
                } else {
                    let offset =
                        switch byte {
                        // It ends there, and nothing may follow.
                        case UInt8(ascii: "\""): place + 2
                        // The quote behind it is escaped, and none follows.
                        case UInt8(ascii: "\\") where place == length - 1: 0
                        default: place + 1
                        }
                    #expect { try JSONValue(parsing: quoted) } throws: {
                        ($0 as? JSONError)?.offset == offset
                    }
                }
            }
        }
    }

    @Test func `bounds the depth`() throws {
        let deep = { (levels: Int) in
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        for (limits, depth) in [(JSONLimits.received, 128), (JSONLimits(), 256)] {
            #expect(try JSONValue(parsing: deep(depth), limits: limits).array?.count == 1)
            #expect(throws: JSONError.self) { try JSONValue(parsing: deep(depth + 1), limits: limits) }
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
    }

    @Test func `unescapes surrogate pairs`() throws {
        #expect(try JSONValue(parsing: #""\ud83d\ude00\u00e4\/""#) == "😀ä/")
    }

    @Test func `finds a key in a large object`() throws {
        let object = JSONObject((0..<100).map { ("key\($0)", JSONValue.number(JSONNumber($0))) })
        #expect(object["key73"]?.int == 73)
        #expect(object["key100"] == nil)
        #expect(object.sorted.keys.first == "key0")
    }

    @Test(arguments: [
        (0.1, "0.1"), (1.0, "1"), (-0.0, "-0"), (1e21, "1e+21"), (Double.leastNonzeroMagnitude, "5e-324"),
    ])
    func `writes the shortest double`(_ value: Double, _ text: String) {
        #expect(JSONNumber(value)?.text == text)
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(Double.infinity) == nil)
    }

    @Test func `slices the members of an object`() throws {
        let text = #" {"event" : "a.b", "data":{"x": [1, 2]} , "n":null}"#
        let members = try Array(text.utf8).withUnsafeBufferPointer { try JSONSlices.members(of: $0) }
        #expect(members.map(\.key) == ["event", "data", "n"])
        #expect(members.map(\.kind) == [.string, .object, .null])
        let slices = members.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) }
        #expect(slices == [#""a.b""#, #"{"x": [1, 2]}"#, "null"])
    }

    @Test(arguments: [
        #"{"a":"plain"}"#, #"{"a":""}"#, #"{"a":"\"\u00e9\n\\"}"#, #"{ "a" : "ä😀" }"#, #"{"a":1}"#,
    ])
    func `a member that is a string has the text that the tree has`(_ text: String) throws {
        let string = try Array(text.utf8).withUnsafeBufferPointer { bytes in
            JSONSlices.string(try JSONSlices.members(of: bytes)[0], of: bytes)
        }
        #expect(try string == JSONValue(parsing: text)["a"]?.string)
    }

    @Test(arguments: [0, 7, 10, -1, 1_234_567_890, .max, .min])
    func `writes a number as its description`(_ number: Int) {
        var output = Array("x".utf8)
        JSONValue.write(number: number, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "x\(number)")
    }

    @Test(arguments: ["[]", "1", "", "{\"a\":1} x", "{\"a\":01}"])
    func `slices only what is an object`(_ text: String) {
        #expect(throws: JSONError.self) {
            try Array(text.utf8).withUnsafeBufferPointer { try JSONSlices.members(of: $0) }
        }
    }
}
