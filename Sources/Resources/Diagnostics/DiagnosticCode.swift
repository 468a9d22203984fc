/// The stable name of a kind of problem; `docs/diagnostics.md` has a line and an example for each.
package enum DiagnosticCode: String, Sendable, CaseIterable {
    // Reading.
    case fileTooLarge = "file-too-large"
    case unreadableFile = "unreadable-file"
    case notUTF8 = "not-utf8"
    case syntax = "syntax"
    case duplicateKey = "duplicate-key"
    case mergeKey = "merge-key"
    case tag = "tag"
    case ambiguousScalar = "ambiguous-scalar"
    case aliasBomb = "alias-bomb"
    case unknownAlias = "unknown-alias"
    case tooDeep = "too-deep"

    // One document.
    case apiVersion = "api-version"
    case unknownKind = "unknown-kind"
    case unknownField = "unknown-field"
    case missingField = "missing-field"
    case conflictingFields = "conflicting-fields"
    case wrongType = "wrong-type"
    case invalidValue = "invalid-value"
    case noEffect = "no-effect"
    case invalidName = "invalid-name"
    case unknownEvent = "unknown-event"
    case unsupported = "unsupported"
    case undefinedValue = "undefined-value"
    case unknownEnvironment = "unknown-environment"

    // Expressions.
    case invalidExpression = "invalid-expression"
    case templateInCondition = "template-in-condition"
    case expensiveExpression = "expensive-expression"
    case doubtfulField = "doubtful-field"
    case outOfScope = "out-of-scope"
    case exposedSecret = "exposed-secret"
    case dynamicHost = "dynamic-host"

    // Workflows.
    case duplicateStep = "duplicate-step"
    case missingAction = "missing-action"
    case callCycle = "call-cycle"
    case wrongInputs = "wrong-inputs"
    case unusableEndpoint = "unusable-endpoint"
    case unsentCallback = "unsent-callback"
    case eventLoop = "event-loop"
    case unknownStep = "unknown-step"
    case unmatchedEvent = "unmatched-event"
    case eventData = "event-data"

    // The whole repository.
    case duplicateName = "duplicate-name"
    case unknownReference = "unknown-reference"
    case networkPolicy = "network-policy"
}

extension DiagnosticCode {
    /// Whether what is behind the place of the problem was not read, so that nobody knows which resources it declares.
    var hidesDocuments: Bool {
        switch self {
        case .fileTooLarge, .unreadableFile, .notUTF8, .syntax, .aliasBomb, .tooDeep: true
        default: false
        }
    }
}
