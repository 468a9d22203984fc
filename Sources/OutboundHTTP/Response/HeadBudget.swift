/// How many bytes of status lines, fields and trailers one exchange may still receive; informational answers
/// share it.
struct HeadBudget {
    let limit: Int
    private(set) var left: Int

    init(limit: Int) {
        self.limit = limit
        left = limit
    }

    /// Takes bytes; `false` when there are not enough.
    mutating func charge(_ count: Int) -> Bool {
        left -= count
        return left >= 0
    }

    mutating func reset() { left = limit }
}
