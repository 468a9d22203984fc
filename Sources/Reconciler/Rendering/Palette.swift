/// Colours of a terminal, or none.
package struct PlanPalette: Sendable {
    package enum Colour: Int, Sendable {
        case red = 31
        case green = 32
        case yellow = 33
        case grey = 90
    }

    package let isColoured: Bool

    package init(isColoured: Bool) { self.isColoured = isColoured }

    package static let plain = PlanPalette(isColoured: false)

    func paint(_ text: String, _ colour: Colour) -> String {
        isColoured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
