package import JSON

/// How a run or an event came about: which event was first, and which workflows led to it.
///
/// An event from outside has no chain. The run that it starts begins one; every event that the run causes carries the run's
/// chain.
package struct Chain: Sendable, Hashable {
    /// A run on the way: which workflow it was of, and which record its event was about.
    package struct Link: Sendable, Hashable {
        package let run: RunID
        package let workflow: String
        /// `data.id` of its event.
        package let record: String?

        package init(run: RunID, workflow: String, record: String?) {
            self.run = run
            self.workflow = workflow
            self.record = record
        }
    }

    /// The id of the event from outside.
    package let root: String
    /// From the first run to the one that the chain belongs to.
    package let links: [Link]

    package init(root: String, links: [Link] = []) {
        self.root = root
        self.links = links
    }

    /// Runs in a row: 1 for a run that an event from outside started.
    package var depth: Int { links.count }

    /// The run that caused what carries the chain.
    package var run: RunID? { links.last?.run }

    /// The chain of a run that an event with this chain starts.
    package func appending(_ link: Link) -> Chain { Chain(root: root, links: links + [link]) }
}

extension Chain {
    package var json: JSONValue {
        [
            "root": .string(root),
            "links": .array(
                links.map { link in
                    [
                        "run": .string(link.run.text), "workflow": .string(link.workflow),
                        "record": link.record.map(JSONValue.string) ?? .null,
                    ]
                }),
        ]
    }

    package init?(json: JSONValue) {
        guard let root = json["root"]?.string, let links = json["links"]?.array else { return nil }
        var read: [Link] = []
        for link in links {
            guard let run = link["run"]?.string, let workflow = link["workflow"]?.string else { return nil }
            read.append(Link(run: RunID(run), workflow: workflow, record: link["record"]?.string))
        }
        self.init(root: root, links: read)
    }
}
