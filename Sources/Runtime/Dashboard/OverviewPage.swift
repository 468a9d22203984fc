import Store

/// `/`: where syncing stands, who gets what, and what failed.
struct OverviewPage: Sendable {
    struct Sync: Sendable {
        let state: String
        let tone: String
        /// nil while nothing is applied.
        let commit: String?
        let subject: String
        let source: String
        /// When it was applied.
        let age: String
        let serial: String
        let lastAttempt: String
        /// Why the newest commit is not live; nil when it is.
        let problem: String?
        let problemTone: String
    }

    struct Tile: Sendable {
        let value: String
        let name: String
    }

    struct Outcome: Sendable {
        let tone: String
        let title: String
    }

    struct Subscription: Sendable {
        let name: String
        let target: String
        let events: String
        let pending: Int
        let oldest: String
        let state: String
        let tone: String
        let outcomes: [Outcome]
    }

    struct Endpoint: Sendable {
        let name: String
        let type: String
        let state: String
        let tone: String
        let accepted: Int
        let duplicates: Int
    }

    struct Workflow: Sendable {
        let name: String
        /// How many of its runs stand where; failed ones as long as they are kept.
        let running: Int
        let waiting: Int
        let queued: Int
        let paused: Int
        let failed: Int
    }

    struct Applied: Sendable {
        let serial: Int64
        let commit: String
        let subject: String
        let changes: String
        let by: String
        let age: String
    }

    let title = "zentra-sync"
    let version: String
    let now: String
    let sync: Sync
    /// What people have stopped, secrets without a value, resources that cannot be used: one line each.
    let notices: [String]
    let tiles: [Tile]
    let subscriptions: [Subscription]
    /// How many subscriptions are not shown; nil when all are.
    let more: String?
    let deliveries: [DeliveryRow]
    let none = "Nothing has failed."
    let endpoints: [Endpoint]
    let hasEndpoints: Bool
    let workflows: [Workflow]
    let hasWorkflows: Bool
    /// The newest that failed or are paused.
    let runs: [RunRow]
    let hasRuns: Bool
    let revisions: [Applied]

    static let template = DashboardTemplate(
        """
        <header><h1>zentra-sync</h1><span class="place">{{sync.source}}</span></header>
        <section class="card pad"><div class="sync"><span class="pill {{sync.tone}}">{{sync.state}}</span>
        {{#sync.commit}}<code>{{sync.commit}}</code>{{/sync.commit}}<strong>{{sync.subject}}</strong>
        <span class="soft">{{sync.age}}{{sync.serial}}{{sync.lastAttempt}}</span></div>
        {{#sync.problem}}<p class="note {{sync.problemTone}}">{{sync.problem}}</p>{{/sync.problem}}</section>
        {{#notices}}<p class="note warn">{{.}}</p>{{/notices}}
        <div class="tiles">{{#tiles}}<div class="tile"><b>{{value}}</b><span>{{name}}</span></div>{{/tiles}}</div>

        <h2>Subscriptions</h2>
        <div class="card"><table class="stack"><thead><tr><th>Name</th><th>Target</th><th>State</th>\
        <th class="number">Pending</th><th class="number">Oldest</th><th>Latest</th></tr></thead><tbody>
        {{#subscriptions}}
        <tr><td><a href="/subscriptions/{{name}}">{{name}}</a></td>
        <td class="wide">{{target}}<br><span class="soft">{{events}}</span></td>
        <td><span class="pill {{tone}}">{{state}}</span></td>
        <td class="number" data-name="Pending">{{pending}}</td><td class="number" data-name="Oldest">{{oldest}}</td>
        <td><span class="dots">{{#outcomes}}<span class="dot {{tone}}" title="{{title}}"></span>{{/outcomes}}</span></td></tr>
        {{/subscriptions}}
        </tbody></table>{{^subscriptions}}<p class="empty">No subscription is live.</p>{{/subscriptions}}
        {{#more}}<p class="empty">{{more}}</p>{{/more}}</div>

        <h2>Failed deliveries</h2>
        \(DeliveryRow.table)

        {{#hasEndpoints}}
        <h2>Inbound endpoints</h2>
        <div class="card"><table class="stack"><thead><tr><th>Name</th><th>Type</th><th>State</th>\
        <th class="number">Accepted</th><th class="number">Repeated</th></tr></thead><tbody>
        {{#endpoints}}
        <tr><td>{{name}}</td><td>{{type}}</td><td><span class="pill {{tone}}">{{state}}</span></td>
        <td class="number" data-name="Accepted">{{accepted}}</td><td class="number" data-name="Repeated">{{duplicates}}</td></tr>
        {{/endpoints}}
        </tbody></table></div>
        {{/hasEndpoints}}

        {{#hasWorkflows}}
        <h2>Workflows</h2>
        <div class="card"><table class="stack"><thead><tr><th>Name</th><th class="number">Running</th>\
        <th class="number">Waiting</th><th class="number">Queued</th><th class="number">Paused</th>\
        <th class="number">Failed</th></tr></thead><tbody>
        {{#workflows}}
        <tr><td>{{name}}</td><td class="number" data-name="Running">{{running}}</td>
        <td class="number" data-name="Waiting">{{waiting}}</td><td class="number" data-name="Queued">{{queued}}</td>
        <td class="number" data-name="Paused">{{paused}}</td><td class="number" data-name="Failed">{{failed}}</td></tr>
        {{/workflows}}
        </tbody></table></div>
        {{/hasWorkflows}}

        {{#hasRuns}}
        <h2>Failed and paused runs</h2>
        \(RunRow.table)
        {{/hasRuns}}

        <h2>Applied</h2>
        <div class="card"><table class="stack"><thead><tr><th>Serial</th><th>Commit</th><th>Changes</th><th>By</th><th>When</th>\
        </tr></thead><tbody>
        {{#revisions}}
        <tr><td data-name="Serial">{{serial}}</td>
        <td class="wide"><code>{{commit}}</code> {{subject}}</td><td>{{changes}}</td>
        <td class="wide">{{by}}</td><td class="when"><span class="soft">{{age}}</span></td></tr>
        {{/revisions}}
        </tbody></table>{{^revisions}}<p class="empty">Nothing has been applied yet.</p>{{/revisions}}</div>
        """, refreshes: true)
}
