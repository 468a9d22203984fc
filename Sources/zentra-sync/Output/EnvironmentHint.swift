import Resources

/// Who forgets `--env` gets errors of every layer.
enum EnvironmentHint {
    /// What to do about errors of a repository with environments that was read without one; nil otherwise.
    static func text(_ errors: [Diagnostic], environment: String?) -> String? {
        guard environment == nil else { return nil }
        let parts = errors.map { $0.position.file.split(separator: "/") }.filter { $0.count > 1 }
        let names = Set(parts.filter { $0[0] == "env" && $0.count > 2 }.map { String($0[1]) }).sorted()
        guard !names.isEmpty, parts.contains(where: { $0[0] == "base" }) else { return nil }
        let options = names.prefix(5).map { "`--env \($0)`" }.joined(separator: ", ")
        return "the repository has environments; choose one: \(options)\(names.count > 5 ? ", …" : "")"
    }
}
