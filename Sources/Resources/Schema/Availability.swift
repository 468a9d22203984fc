/// Whether this version does what a kind, a field or a value describes. What is only planned is refused with the code
/// `unsupported`: accepting and ignoring it would be worse.
package enum Availability: Sendable {
    case available
    case planned
}
