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

    static let pipelines: [(path: String, text: String)] = [
        (".github/workflows/zentra-sync.yml", gitHub), (".gitlab-ci.yml", gitLab),
    ]

    private static let gitHub = #"""
        # Checks every pull request and keeps its plan in one comment.
        #
        # Needs the variables ZENTRA_SYNC_DOWNLOAD (where the program is downloaded from) and ZENTRA_SERVER (the address of
        # the sidecar), and the secret ZENTRA_TOKEN (the value of the ApiToken `ci`).
        name: zentra-sync
        on: {pull_request: {}}
        permissions: {contents: read, pull-requests: write}
        concurrency: {group: "zentra-sync-${{ github.ref }}", cancel-in-progress: true}
        jobs:
          check:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - name: Install
                run: |
                  mkdir -p "$HOME/bin"
                  curl --fail --silent --show-error --location --output "$HOME/bin/zentra-sync" "${{ vars.ZENTRA_SYNC_DOWNLOAD }}"
                  chmod +x "$HOME/bin/zentra-sync"
                  echo "$HOME/bin" >>"$GITHUB_PATH"
              - name: Validate
                run: zentra-sync validate . --format github
              - name: Test
                run: zentra-sync test .
              - name: Plan
                id: plan
                env:
                  ZENTRA_SERVER: ${{ vars.ZENTRA_SERVER }}
                  ZENTRA_TOKEN: ${{ secrets.ZENTRA_TOKEN }}
                run: |
                  umask 077
                  printf '%s' "$ZENTRA_TOKEN" >"$RUNNER_TEMP/token"
                  status=0
                  zentra-sync plan --dir . --server "$ZENTRA_SERVER" --token-file "$RUNNER_TEMP/token" \
                    --format markdown="$RUNNER_TEMP/plan.md" || status=$?
                  rm "$RUNNER_TEMP/token"
                  echo "status=$status" >>"$GITHUB_OUTPUT"
                  # Refused by a safety rule (3) still has a plan to show; anything else has none.
                  [ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
              - name: Comment
                env:
                  GH_TOKEN: ${{ github.token }}
                  REPOSITORY: ${{ github.repository }}
                  NUMBER: ${{ github.event.pull_request.number }}
                run: |
                  marker='<!-- zentra-sync:plan -->'
                  { echo "$marker"; cat "$RUNNER_TEMP/plan.md"; } >"$RUNNER_TEMP/comment.md"
                  comments="repos/$REPOSITORY/issues/$NUMBER/comments"
                  id=$(gh api --paginate "$comments" \
                    --jq ".[] | select(.user.login == \"github-actions[bot]\") | select(.body | startswith(\"$marker\")) | .id" | head -n 1)
                  if [ -n "$id" ]; then
                    gh api --method PATCH "repos/$REPOSITORY/issues/comments/$id" --field body=@"$RUNNER_TEMP/comment.md" >/dev/null
                  else
                    gh api --method POST "$comments" --field body=@"$RUNNER_TEMP/comment.md" >/dev/null
                  fi
              - name: Refused by a safety rule
                if: steps.plan.outputs.status == '3'
                run: exit 3

        """#

    private static let gitLab = #"""
        # Checks every merge request and keeps its plan in one note.
        #
        # Needs the variables ZENTRA_SYNC_DOWNLOAD (where the program is downloaded from), ZENTRA_SERVER (the address of the
        # sidecar), ZENTRA_TOKEN (masked: the value of the ApiToken `ci`) and GITLAB_TOKEN (masked: a project access token
        # with the scope `api`, which the notes are written with).
        zentra-sync:
          image: debian:12
          rules:
            - if: $CI_PIPELINE_SOURCE == "merge_request_event"
          before_script:
            - apt-get update -qq && apt-get install -qq --yes curl jq ca-certificates >/dev/null
            - curl --fail --silent --show-error --location --output /usr/local/bin/zentra-sync "$ZENTRA_SYNC_DOWNLOAD"
            - chmod +x /usr/local/bin/zentra-sync
          script:
            - zentra-sync validate .
            - zentra-sync test .
            - |
              umask 077
              printf '%s' "$ZENTRA_TOKEN" >/tmp/token
              status=0
              zentra-sync plan --dir . --server "$ZENTRA_SERVER" --token-file /tmp/token --format markdown=/tmp/plan.md || status=$?
              # Refused by a safety rule (3) still has a plan to show; anything else has none.
              [ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
              marker='<!-- zentra-sync:plan -->'
              { echo "$marker"; cat /tmp/plan.md; } | jq --raw-input --slurp '{body: .}' >/tmp/note.json
              notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
              call() { curl --fail --silent --show-error --header "PRIVATE-TOKEN: $GITLAB_TOKEN" --header "Content-Type: application/json" "$@"; }
              me=$(call "$CI_API_V4_URL/user" | jq .id)
              id=$(call "$notes?per_page=100&sort=asc" | jq --arg marker "$marker" --argjson me "$me" \
                '[.[] | select(.author.id == $me and (.body | startswith($marker)))][0].id // empty')
              if [ -n "$id" ]; then
                call --request PUT --data @/tmp/note.json "$notes/$id" >/dev/null
              else
                call --request POST --data @/tmp/note.json "$notes" >/dev/null
              fi
              exit "$status"

        """#
}
