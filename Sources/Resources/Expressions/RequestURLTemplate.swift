internal import Expressions

/// The address of a request with `${ }` in it: who is called must be known before the request is made, so scheme and
/// authority are literal, or one secret. A value from an event must not choose the host.
struct RequestURLTemplate {
    private let template: TextTemplate

    init(_ template: TextTemplate) { self.template = template }

    var problems: [ExpressionChecker.Problem] {
        switch template.segments.first {
        case .text(let text)?: literal(text)
        case .expression(let program, let start)? where program.resultType == .secret:
            secret(start, endsAuthority: 1)
        case .expression(let program, let start)?: [dynamic(program, start)]
        case nil: []
        }
    }

    /// `https://host/…`, or `https://` and a secret.
    private func literal(_ text: String) -> [ExpressionChecker.Problem] {
        let lower = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else { return address(text) }
        let rest = lower.dropFirst(scheme.count)
        guard !rest.contains(where: { $0 == "/" || $0 == "?" }), template.segments.count > 1,
            case .expression(let program, let start) = template.segments[1]
        else { return address(text) }
        guard rest.isEmpty, program.resultType == .secret else { return [dynamic(program, start)] }
        return secret(start, endsAuthority: 2)
    }

    /// What `TargetURL` says about the literal beginning.
    private func address(_ text: String) -> [ExpressionChecker.Problem] {
        let length = text.unicodeScalars.count
        do {
            guard let warning = try TargetURL(text).policyWarning else { return [] }
            return [
                .init(
                    offset: 0, length: length, code: .networkPolicy, message: warning.message,
                    hint: warning.hint, severity: .warning)
            ]
        } catch {
            return [
                .init(
                    offset: 0, length: length, code: .invalidValue, message: "`url` \(error.message)",
                    hint: error.hint)
            ]
        }
    }

    /// Behind a secret that holds the authority, the path begins.
    private func secret(_ start: Int, endsAuthority index: Int) -> [ExpressionChecker.Problem] {
        guard template.segments.count > index else { return [] }
        if case .text(let text) = template.segments[index], text.hasPrefix("/") || text.hasPrefix("?") {
            return []
        }
        return [
            .init(
                offset: start, code: .dynamicHost, message: "the host is one secret and nothing else",
                hint: "put the whole address up to its path into the secret, and begin the rest with `/`")
        ]
    }

    private func dynamic(_ program: Program, _ start: Int) -> ExpressionChecker.Problem {
        .init(
            offset: start, length: program.source.unicodeScalars.count, code: .dynamicHost,
            message: "scheme and host of `url` cannot be computed",
            hint: "write them out, `https://example.com/${…}`, or take them from one secret")
    }
}
