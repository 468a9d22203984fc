/// The checks of pull requests that a new configuration repository comes with: validate, test, plan, one comment.
struct StarterPipelines {
    /// Where the program is downloaded from; nil leaves it to a variable of the repository.
    let download: String?

    /// The Debian packages that the program needs at run time, and what the scripts use.
    private static let packages =
        "ca-certificates curl jq libgit2-1.5 libgmime-3.0-0 libre2-9 libsqlite3-0 libyaml-0-2"

    var files: [(path: String, text: String)] {
        [(".github/workflows/zentra-sync.yml", gitHub), (".gitlab-ci.yml", gitLab)].map { path, text in
            (path, text.replacing("PACKAGES", with: Self.packages))
        }
    }

    private var gitHubDownload: String {
        download.map { "\"\($0)\"" } ?? "${{ vars.ZENTRA_SYNC_DOWNLOAD }}"
    }

    private var variables: String {
        download == nil ? "ZENTRA_SYNC_DOWNLOAD (where the program is downloaded from), " : ""
    }

    private var gitHub: String {
        #"""
        # Checks every pull request and keeps its plan in one comment.
        #
        # Needs the variables \#(variables)ZENTRA_SERVER (the address of the sidecar), and
        # the secret ZENTRA_TOKEN (the value of the ApiToken `ci`).
        name: zentra-sync
        on: {pull_request: {}}
        permissions: {contents: read, pull-requests: write}
        concurrency: {group: "zentra-sync-${{ github.ref }}", cancel-in-progress: true}
        defaults: {run: {shell: bash}}
        jobs:
          check:
            runs-on: ubuntu-latest
            container: debian:12
            steps:
              - uses: actions/checkout@v4
              - name: Install
                env:
                  ZENTRA_SYNC_DOWNLOAD: \#(gitHubDownload)
                run: |
                  if [ -z "$ZENTRA_SYNC_DOWNLOAD" ]; then
                    echo "::error::set the variable ZENTRA_SYNC_DOWNLOAD of this repository to the URL of the program"
                    exit 1
                  fi
                  apt-get update -qq
                  apt-get install -qq --yes PACKAGES >/dev/null
                  curl --fail --silent --show-error --location --output /usr/local/bin/zentra-sync "$ZENTRA_SYNC_DOWNLOAD"
                  chmod +x /usr/local/bin/zentra-sync
                  zentra-sync version
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
                  GITHUB_TOKEN: ${{ github.token }}
                  NUMBER: ${{ github.event.pull_request.number }}
                run: |
                  marker='<!-- zentra-sync:plan -->'
                  { echo "$marker"; cat "$RUNNER_TEMP/plan.md"; } | jq --raw-input --slurp '{body: .}' >"$RUNNER_TEMP/comment.json"
                  call() { curl --fail --silent --show-error --header "Authorization: Bearer $GITHUB_TOKEN" --header "Accept: application/vnd.github+json" "$@"; }
                  issues="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues"
                  page=1
                  while :; do
                    call "$issues/$NUMBER/comments?per_page=100&page=$page" >"$RUNNER_TEMP/page.json"
                    id=$(jq --arg marker "$marker" \
                      '[.[] | select(.user.login == "github-actions[bot]" and (.body | startswith($marker)))][0].id // empty' \
                      "$RUNNER_TEMP/page.json")
                    if [ -n "$id" ] || [ "$(jq length "$RUNNER_TEMP/page.json")" -lt 100 ]; then break; fi
                    page=$((page + 1))
                  done
                  if [ -n "$id" ]; then
                    call --request PATCH --data @"$RUNNER_TEMP/comment.json" "$issues/comments/$id" >/dev/null
                  else
                    call --request POST --data @"$RUNNER_TEMP/comment.json" "$issues/$NUMBER/comments" >/dev/null
                  fi
              - name: Refused by a safety rule
                if: steps.plan.outputs.status == '3'
                run: exit 3

        """#
    }

    private var gitLab: String {
        #"""
        # Checks every merge request and keeps its plan in one note.
        #
        # Needs the variables \#(variables)ZENTRA_SERVER (the address of the sidecar),
        # ZENTRA_TOKEN (masked: the value of the ApiToken `ci`) and GITLAB_TOKEN (masked: a project access token with the
        # scope `api`, which the notes are written with).
        zentra-sync:
          image: debian:12
          rules:
            - if: $CI_PIPELINE_SOURCE == "merge_request_event"
        \#(download.map { "  variables: {ZENTRA_SYNC_DOWNLOAD: \"\($0)\"}\n" } ?? "")  before_script:
            - |
              if [ -z "$ZENTRA_SYNC_DOWNLOAD" ]; then
                echo "set the CI/CD variable ZENTRA_SYNC_DOWNLOAD of this project to the URL of the program"
                exit 1
              fi
            - apt-get update -qq && apt-get install -qq --yes PACKAGES >/dev/null
            - curl --fail --silent --show-error --location --output /usr/local/bin/zentra-sync "$ZENTRA_SYNC_DOWNLOAD"
            - chmod +x /usr/local/bin/zentra-sync
            - zentra-sync version
          script:
            - zentra-sync validate .
            - zentra-sync test .
            - |
              umask 077
              work=$(mktemp -d)
              printf '%s' "$ZENTRA_TOKEN" >"$work/token"
              status=0
              zentra-sync plan --dir . --server "$ZENTRA_SERVER" --token-file "$work/token" --format markdown="$work/plan.md" || status=$?
              rm "$work/token"
              # Refused by a safety rule (3) still has a plan to show; anything else has none.
              [ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
              marker='<!-- zentra-sync:plan -->'
              { echo "$marker"; cat "$work/plan.md"; } | jq --raw-input --slurp '{body: .}' >"$work/note.json"
              notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
              call() { curl --fail --silent --show-error --header "PRIVATE-TOKEN: $GITLAB_TOKEN" --header "Content-Type: application/json" "$@"; }
              me=$(call "$CI_API_V4_URL/user" | jq .id)
              page=1
              while :; do
                call "$notes?per_page=100&sort=asc&page=$page" >"$work/page.json"
                id=$(jq --arg marker "$marker" --argjson me "$me" \
                  '[.[] | select(.author.id == $me and (.body | startswith($marker)))][0].id // empty' "$work/page.json")
                if [ -n "$id" ] || [ "$(jq length "$work/page.json")" -lt 100 ]; then break; fi
                page=$((page + 1))
              done
              if [ -n "$id" ]; then
                call --request PUT --data @"$work/note.json" "$notes/$id" >/dev/null
              else
                call --request POST --data @"$work/note.json" "$notes" >/dev/null
              fi
              exit "$status"

        """#
    }
}
