/// Why a workflow cannot run. The validation of a configuration finds these first, with their places; what comes here was
/// stored by a release that did not know better.
package struct DefinitionError: Error, Sendable, Equatable, CustomStringConvertible {
    package struct Problem: Sendable, Equatable {
        /// `steps.page.http.url`
        package let place: String
        package let message: String
    }

    package let problems: [Problem]

    package var description: String {
        problems.map { "`\($0.place)` \($0.message)" }.joined(separator: "; ")
    }
}
