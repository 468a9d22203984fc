/// `1 file`, `2 files`.
enum Plural {
    /// - Parameter plural: where it is not the noun with an `s`.
    static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }
}
