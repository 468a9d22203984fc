import Resources
import Testing

struct ValueTests {
    @Test(arguments: [
        ("500ms", 500, "500ms"), ("30s", 30_000, "30s"), ("90m", 5_400_000, "1h30m"),
        ("24h", 86_400_000, "1d"), ("7d", 604_800_000, "7d"),
        ("1h30m", 5_400_000, "1h30m"), ("1d2h3m4s5ms", 93_784_005, "1d2h3m4s5ms"), ("0s", 0, "0s"),
        ("1000ms", 1_000, "1s"),
        ("036500d", 3_153_600_000_000, "36500d"),
    ])
    func `a duration has one normal spelling`(_ text: String, _ milliseconds: Int64, _ normal: String) throws
    {
        let duration = try #require(Duration(configurationText: text))
        #expect(duration == .milliseconds(milliseconds))
        #expect(duration.configurationText == normal)
        #expect(Duration(configurationText: normal) == duration)
    }

    @Test(arguments: [
        "", "1", "s", "1.5s", "-1s", "+1s", "1 s", "1s ", "1w", "1S", "30m1h", "1h1h", "1h1", "36501d",
        "99999999999999999999d", "٣s", "5µs",
    ])
    func `what is not a duration is refused`(_ text: String) {
        #expect(Duration(configurationText: text) == nil)
    }

    @Test(arguments: [
        ("512B", 512, "512B"), ("16KiB", 16_384, "16KiB"), ("1024KiB", 1 << 20, "1MiB"),
        ("2GiB", 2 << 30, "2GiB"), ("1500B", 1_500, "1500B"), ("0B", 0, "0B"), ("0KiB", 0, "0B"),
    ])
    func `a size has one normal spelling`(_ text: String, _ bytes: Int, _ normal: String) throws {
        let size = try #require(ByteCount(text))
        #expect(size.bytes == bytes)
        #expect(size.description == normal)
    }

    @Test(arguments: ["", "1", "KiB", "16KB", "16kib", "1.5MiB", "-1B", "16 KiB", "99999999999GiB"])
    func `what is not a size is refused`(_ text: String) { #expect(ByteCount(text) == nil) }

    @Test(
        arguments: [
            ("100/s", 100.0, "100/s"), ("600/m", 10, "10/s"), ("90/m", 1.5, "90/m"), ("3600/h", 1, "1/s"),
            ("60/h", 1.0 / 60, "1/m"),
        ] as [(String, Double, String)])
    func `a rate has one normal spelling`(_ text: String, _ perSecond: Double, _ normal: String) throws {
        let rate = try #require(Rate(text))
        #expect(rate.perSecond == perSecond)
        #expect(rate.description == normal)
    }

    @Test(arguments: [
        "", "10", "/s", "0/s", "-1/s", "1.5/s", "10/d", "10/s/s", "10 /s", "10/ s", "9999999999/s",
    ])
    func `what is not a rate is refused`(_ text: String) { #expect(Rate(text) == nil) }

    @Test(arguments: [
        "https://example.com", "HTTPS://EXAMPLE.com:8443/a?b=c", "http://[2001:db8::1]:80/x",
        "https://a-b.example/%20", "https://host_name.internal./x", "https://xn--bcher-kva.example/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::]/", "https://[1::]/",
        "https://[1:2:3:4:5:6:7::]/",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[1:2:3:4:5:6:7:8]/",
        "https://[1:2:3:4:5:6:1.2.3.4]/", "https://1e3.example/", "https://0xg/",
    ])
    func `a URL that requests can go to is accepted`(_ text: String) throws { _ = try TargetURL(text) }

    @Test(arguments: [
        "", "example.com", "ftp://example.com", "https://", "https:///x", "https://user@example.com",
        "https://u:p@example.com/",
        "https://example.com/#f", "https://example.com:0/", "https://example.com:99999/",
        "https://exa mple.com", "https://example.com/ä",
        "https://example.com:80:80/", "https://${x}/",
        // What no request could go to: other spellings of addresses, zones, labels that are none.
        "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://0/", "https://256.1.1.1/", "https://1.2.3.4.5/", "https://a..b/", "https://-a.example/",
        "https://%6cocalhost/", "https://example.com/%", "https://example.com/%2", "https://example.com/a%zz",
        "https://[fe80::1%25lo]/", "https://[fe80::1%lo]/", "https://[1.2.3.4]/",
        "https://[1:2:3:4:5:6:7]/", "https://[1:2:3:4:5:6:7:8:9]/", "https://[1::2::3]/", "https://[:::]/",
        "https://[1:2:3:4:5:6:7:8::]/", "https://[12345::]/", "https://[g::]/", "https://[::1",
        "https://[:1::2]/",
    ])
    func `a URL that nothing can go to is refused`(_ text: String) {
        #expect(throws: TargetURL.Problem.self) { try TargetURL(text) }
    }

    @Test(arguments: [
        "http://example.com/", "https://localhost/", "https://10.1.2.3/", "https://127.0.0.1/",
        "https://192.168.0.1/", "https://172.31.0.1/",
        "https://169.254.169.254/", "https://100.64.0.1/", "https://[::1]/", "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
    ])
    func `a URL that the sidecar refuses by default gets a warning`(_ text: String) throws {
        #expect(try TargetURL(text).policyWarning != nil)
    }

    @Test(arguments: [
        "https://example.com/", "https://172.32.0.1/", "https://8.8.8.8/", "https://[2001:4860::8888]/",
    ])
    func `a public URL gets none`(_ text: String) throws { #expect(try TargetURL(text).policyWarning == nil) }

    @Test(arguments: ["0 7 * * 1-5", "*/15 * * * *", "0 0 1,15 * mon", "5-10/2 3 * JAN-mar 7", "0 0 29 2 *"])
    func `a cron expression of five fields is accepted`(_ text: String) {
        #expect(CronExpression(text) != nil)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
        "a * * * *", "*/0 * * * *", "5-1 * * * *", "1- * * * *", "0 0 30 2 *", "@daily",
    ])
    func `what is not a cron expression is refused`(_ text: String) { #expect(CronExpression(text) == nil) }

    @Test func `a cron expression with both days restricted takes either`() throws {
        let cron = try #require(CronExpression("0 0 13 * 5"))
        #expect(cron.matches(month: 1, dayOfMonth: 13, dayOfWeek: 1))
        #expect(cron.matches(month: 1, dayOfMonth: 2, dayOfWeek: 5))
        #expect(!cron.matches(month: 1, dayOfMonth: 2, dayOfWeek: 1))
        #expect(try #require(CronExpression("0 0 * * 7")).daysOfWeek == [0])
    }
}
