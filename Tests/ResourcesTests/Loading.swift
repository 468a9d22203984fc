import Resources

/// Loads one file of the given text.
func load(_ text: String, path: String = "test.yaml", checker: ExpressionChecker = .compiling)
    -> LoadedConfiguration
{
    var loader = Loader(checker: checker)
    return loader.load([ConfigurationFile(path: path, contentID: "1", bytes: Array(text.utf8))])
}

/// `line:column code` of each diagnostic.
func places(_ loaded: LoadedConfiguration) -> [String] {
    loaded.diagnostics.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" }
}

let secret = """
    apiVersion: sync.zentra.dev/v1
    kind: SecretReference
    metadata: {name: erp-signing}
    spec: {from: {env: ERP_SIGNING_SECRET}}

    """

/// A subscription with further fields of `spec`, and the secret that it needs, behind it.
func subscription(_ fields: String = "", target: String = "targetURL: https://erp.example.com/hooks")
    -> String
{
    """
    apiVersion: sync.zentra.dev/v1
    kind: Subscription
    metadata: {name: erp}
    spec:
      \(target)
      events: [ticket.created]
      signing: {secretRef: erp-signing}
      \(fields)
    ---
    \(secret)
    """
}
