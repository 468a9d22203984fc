import Testing

@testable import OutboundHTTP

struct HTTPSyntaxTests {
    @Test func `knows the bytes of a token`() {
        let tokens = (UInt8.min...UInt8.max).filter(HTTPSyntax.isTokenByte)
        let expected =
            "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"
        #expect(String(decoding: tokens, as: UTF8.self) == expected)
    }

    @Test func `knows the bytes of a field value`() {
        let others = (UInt8.min...UInt8.max).filter { !HTTPSyntax.isValueByte($0) }
        #expect(others == Array(0...8) + Array(10...31) + [127])
    }

    @Test(arguments: [0, 1, 15, 16, 39])
    func `knows a field value by each of its bytes`(_ place: Int) {
        var value = Array(repeating: UInt8(ascii: "a"), count: 40)
        for byte in UInt8.min...UInt8.max {
            value[place] = byte
            #expect(value.withUnsafeBytes(HTTPSyntax.isValue) == HTTPSyntax.isValueByte(byte))
        }
    }
}
