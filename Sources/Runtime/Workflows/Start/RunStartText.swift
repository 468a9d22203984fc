import JSON
import WorkflowEngine

/// What a run begins with besides its event, as the state holds it.
struct RunStartText {
    /// With the run's own link.
    let chain: Chain

    var text: String { JSONValue.object(["chain": chain.json]).text }

    init(chain: Chain) { self.chain = chain }

    /// nil for a damaged text.
    init?(_ text: String) {
        guard let chain = (try? JSONValue(parsing: text))?["chain"].flatMap(Chain.init(json:)) else {
            return nil
        }
        self.chain = chain
    }
}
