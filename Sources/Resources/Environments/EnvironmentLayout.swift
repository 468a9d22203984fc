/// How a repository with environments is laid out: `base/`, and over it `env/<name>/`, each with a `values.yaml`.
package struct EnvironmentLayout: Sendable, Hashable {
    package enum Layer: Sendable, Hashable {
        case base
        case overlay
        /// Values of the base or, which count more, of the environment.
        case values
    }

    package let name: String

    package init(name: String) { self.name = name }

    /// What a file is to the environment; nil for files that it does not read.
    package func layer(of path: String) -> Layer? {
        for (folder, layer) in [("base/", Layer.base), ("env/\(name)/", .overlay)]
        where path.hasPrefix(folder) {
            let rest = path.dropFirst(folder.count)
            return rest == "values.yaml" || rest == "values.yml" ? .values : layer
        }
        return nil
    }
}
