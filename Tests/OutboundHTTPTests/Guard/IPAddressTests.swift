import OutboundHTTP
import TestSupport
import Testing

struct IPAddressTests {
    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4"), ("255.255.255.255", "255.255.255.255"), ("0.0.0.0", "0.0.0.0"), ("::", "::"),
        ("::1", "::1"), ("1::", "1::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("0:0:0:0:0:0:0:0", "::"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ("::ffff:102:304", "::ffff:1.2.3.4"), ("64:ff9b::8.8.8.8", "64:ff9b::808:808"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("0001:0::0a", "1::a"),
    ])
    func `reads an address and writes its canonical text`(_ text: String, _ canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "0x7f.0.0.1", "1.2.3.4 ", " 1.2.3.4",
        "1..3.4", "1.2.3.",
        "2130706433", "+1.2.3.4", "1.2.3.4\0", "١.2.3.4", ":", ":::", "1:2", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3", "12345::", "g::", "::1%eth0", "[::1]", "1.2.3.4::", "::1.2.3", "::1.2.3.04",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:6:7:8::", ":1::", "1::2:", "::ffff:1.2.3.4:5", "1.2.3.4::1",
    ])
    func `refuses every other spelling`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `text and bytes give back the address`() {
        var generator = SeededRandom(seed: 1)
        for round in 0..<20_000 {
            let zeroed = generator.next()
            var bytes = (0..<(round.isMultiple(of: 4) ? 4 : 16)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            for index in bytes.indices where zeroed >> UInt64(index / 2) & 1 == 1 { bytes[index] = 0 }
            let address = IPAddress(bytes: bytes)
            #expect(address?.bytes == bytes)
            #expect(address.flatMap { IPAddress($0.description) } == address)
        }
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
    }
}
