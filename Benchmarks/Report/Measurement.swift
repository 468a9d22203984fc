/// A figure.
struct Measurement: Sendable {
    /// What a figure is held against.
    enum Limit: Sendable {
        /// It is a limit itself.
        case isLimit
        /// Its ratio to a limit that was measured in the same run; with several pairs, the median of their ratios.
        case ratio(Double, of: String)
        /// What is to be reached, and the figure's ratio to it.
        case target(Double)
        case none
    }

    let name: String
    let value: Double
    /// `/s`, `ms`, `MiB`, …
    let unit: String
    var limit = Limit.none

    var ratio: Double? {
        switch limit {
        case .ratio(let ratio, _): ratio
        case .target(let target): value / target
        case .isLimit, .none: nil
        }
    }

    var remark: String {
        switch limit {
        case .isLimit: "limit"
        case .ratio(let ratio, let name): "\(ratio.rounded(to: 2)) of \(name)"
        case .target(let target):
            "\((value / target).rounded(to: 2)) of the target \(target.rounded(to: 3)) \(unit)"
        case .none: ""
        }
    }
}
