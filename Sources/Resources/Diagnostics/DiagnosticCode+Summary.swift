extension DiagnosticCode {
    /// What the code means, in one sentence; the documentation and SARIF show it.
    package var summary: String {
        switch self {
        case .fileTooLarge: "A file is larger than 1 MiB."
        case .unreadableFile: "A file cannot be read."
        case .notUTF8: "A file is not UTF-8."
        case .syntax: "The text is not YAML."
        case .duplicateKey: "A mapping has the same key twice."
        case .mergeKey: "Merge keys (`<<`) are not part of YAML 1.2."
        case .tag: "YAML tags are not supported; an unquoted value that begins with `!` is one."
        case .ambiguousScalar: "A value or key means different things to different YAML readers."
        case .aliasBomb: "The aliases of a document multiply beyond a bound."
        case .unknownAlias: "An alias has no anchor before it."
        case .tooDeep: "Lists and mappings are nested too deeply."
        case .apiVersion: "A document is of an API version that is not read."
        case .unknownKind: "A document is of a kind that does not exist."
        case .unknownField: "A mapping has a field that its kind does not have."
        case .missingField: "A required field is missing."
        case .conflictingFields: "Fields exclude or need each other."
        case .wrongType: "A value has another type than its field."
        case .invalidValue: "A value is not one that its field allows."
        case .invalidName: "A name breaks the rule for names, or is reserved."
        case .unknownEvent: "An event type or pattern matches nothing in the event catalogue."
        case .unsupported: "This version does not do what a kind, a field or a value asks for."
        case .undefinedValue: "The environment does not define a value."
        case .unknownEnvironment: "The repository has no such environment."
        case .invalidExpression: "An expression cannot be compiled."
        case .templateInCondition: "A field that is an expression itself holds `${ }`."
        case .expensiveExpression: "An expression may cost more than its limit."
        case .doubtfulField: "An expression uses a field that not all of its events have."
        case .duplicateName: "Two resources have the same kind and name."
        case .unknownReference: "A resource that is referred to does not exist."
        case .networkPolicy: "The running sidecar will refuse a URL unless an option allows it."
        }
    }
}
