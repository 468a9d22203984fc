/// Texts with `${ CEL }` in them, as far as they can be told from plain ones.
enum TemplateText {
    /// Whether there is a `${` that is not written `$${`.
    static func holdsExpression(_ text: String) -> Bool {
        var dollars = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "{"), dollars > 0, dollars % 2 == 1 { return true }
            dollars = byte == UInt8(ascii: "$") ? dollars + 1 : 0
        }
        return false
    }
}
