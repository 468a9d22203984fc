/// libyaml's syntax errors in the words of someone who writes configuration, and the traps behind them.
enum SyntaxExplanation {
    static func message(_ failure: EventStream.Failure, in source: SourceFile) -> String {
        let context = failure.context.isEmpty ? "" : " \(failure.context)"
        return "\(failure.problem)\(context)"
    }

    static func hint(_ failure: EventStream.Failure, in source: SourceFile) -> String? { nil }
}
