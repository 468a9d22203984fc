/// The files of a new configuration repository, but for the schema.
enum StarterRepository {
    static let resources: [(path: String, text: String)] = [
        (
            "secrets.yaml",
            """
            # yaml-language-server: $schema=.zentra-sync/schema.json
            # Where the values of secrets are; the values themselves are never in this repository.
            apiVersion: sync.zentra.dev/v1
            kind: SecretReference
            metadata: {name: erp-signing}
            spec:
              from: {env: ERP_SIGNING_SECRET}
            ---
            apiVersion: sync.zentra.dev/v1
            kind: SecretReference
            metadata: {name: ci-token}
            spec:
              from: {env: CI_TOKEN}

            """
        ),
        (
            "subscriptions/erp.yaml",
            """
            # yaml-language-server: $schema=../.zentra-sync/schema.json
            apiVersion: sync.zentra.dev/v1
            kind: Subscription
            metadata: {name: erp-tickets}
            spec:
              targetURL: https://erp.example.com/hooks/zentra
              events: [ticket.created, ticket.resolved]
              filter: event.data.priority in ['high', 'critical']
              signing: {secretRef: erp-signing}

            """
        ),
        (
            "tokens/ci.yaml",
            """
            # yaml-language-server: $schema=../.zentra-sync/schema.json
            # What the pipeline plans with: it reads what is live and the stored events, and changes nothing.
            apiVersion: sync.zentra.dev/v1
            kind: ApiToken
            metadata: {name: ci}
            spec: {secretRef: ci-token, scopes: [config:read, events:read]}

            """
        ),
        (
            ".gitignore",
            """
            # A state that was made here: it, its key and its clone belong to one machine.
            /zentra-sync.db*

            """
        ),
        (
            "README.md",
            """
            # Integrations

            What our service desk sends to whom, as code.

            - `zentra-sync validate` checks the files, `zentra-sync test` the workflows.
            - A pull request shows its plan as one comment that is updated; merging it is applying it, because the sidecar
              follows the main branch.
            - Editors with a YAML language server complete and check the files by `.zentra-sync/schema.json`;
              `zentra-sync schema > .zentra-sync/schema.json` renews it.

            """
        ),
    ]
}
