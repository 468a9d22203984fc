import JSON
import Resources
import Store

/// A run of a workflow as a line of a table.
struct RunRow: Sendable {
    let id: String
    let workflow: String
    let status: String
    let tone: String
    let event: String
    let record: String?
    /// Why it did not go on.
    let error: String?
    let age: String
    let time: String

    /// What a person may have to look at.
    static let statuses: [RunStatus] = [.paused, .failed, .refused]

    init(_ run: WorkflowRun, now: UnixTime) {
        id = run.id.text
        workflow = run.workflow
        status = run.status.rawValue
        tone = run.status == .paused ? "warn" : "bad"
        event = run.eventType
        record = run.recordID
        error = Self.message(run.error)
        let latest = run.finishedAt ?? run.startedAt ?? run.createdAt
        age = DashboardTime.ago(latest, now: now)
        time = latest.description
    }

    /// The error as the state holds it: JSON that this program wrote; anything else is shown as it is.
    private static func message(_ text: String?) -> String? {
        guard let text else { return nil }
        guard let error = try? JSONValue(parsing: text), let message = error["message"]?.string else {
            return text
        }
        return (error["step"]?.string.map { "\($0): " } ?? "") + message
    }

    /// The table of such lines, as part of a template; they are in `runs`.
    static let table = """
        <div class="card"><table class="stack"><thead><tr><th>Run</th><th>Started by</th><th>Result</th><th>When</th>\
        </tr></thead><tbody>
        {{#runs}}
        <tr><td><code>{{id}}</code><br><span class="soft">{{workflow}}</span></td>
        <td class="wide">{{event}}{{#record}}<br><span class="soft">{{record}}</span>{{/record}}</td>
        <td class="wide"><span class="pill {{tone}}">{{status}}</span>{{#error}}<br><span class="soft">{{error}}</span>{{/error}}</td>
        <td class="when" title="{{time}}"><span class="soft">{{age}}</span></td></tr>
        {{/runs}}
        </tbody></table></div>
        """
}
