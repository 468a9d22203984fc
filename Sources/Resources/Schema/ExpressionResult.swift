/// What an expression that is a field's whole value has to yield.
package enum ExpressionResult: Sendable, Hashable {
    case any
    /// Something with one text: a string, a number, a bool.
    case key
    case list
    /// A time, or its text in RFC 3339.
    case time
}
