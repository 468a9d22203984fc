import Testing

@testable import Runtime

struct SecretMaskTests {
    private let mask = SecretMask([
        (Array("s3cret".utf8), "secret:a"), (Array("s3cret-and-more".utf8), "secret:b"),
        (Array("abc".utf8), "secret:short"),
    ])

    @Test(arguments: [
        ("", ""), ("nothing", "nothing"), ("s3cret", "secret:a"), ("<s3crets3cret>", "<secret:asecret:a>"),
        ("s3cret-and-more, s3cret", "secret:b, secret:a"), ("abcd", "abcd"), ("s3cre", "s3cre"),
    ])
    func `a text stands in place of each value, the longest first`(_ text: String, _ expected: String) {
        #expect(mask.masked(text) == expected)
    }

    @Test(arguments: [
        ("key s3cre", "key secret:b"), ("s3cret, s3cret-an", "secret:a, secret:b"), ("s3cr", "secret:b"),
        ("s3c", "s3c"), ("s3cre.", "s3cre."), ("s3cret-and-more", "secret:b"), ("", ""),
    ])
    func `a value that has begun where an answer was cut off is none the less`(
        _ text: String, _ expected: String
    ) {
        #expect(String(decoding: mask.masked(Array(text.utf8), isCut: true), as: UTF8.self) == expected)
    }
}
