/// The state's file and what lies beside it.
package struct StatePath: Sendable, Hashable, CustomStringConvertible {
    package let file: String

    package init(_ file: String) { self.file = file }

    /// Random bytes that fingerprints and callback tokens are keyed with; mode 0600.
    package var key: String { file + ".key" }
    /// Held for its life by the process that runs the state.
    package var lock: String { file + ".lock" }
    /// The private clone of the configuration repository.
    package var gitCache: String { file + ".git" }
    /// The copy that is made before a migration away from `version`.
    package func backup(version: Int) -> String { "\(file).v\(version)" }

    package var description: String { file }
}
