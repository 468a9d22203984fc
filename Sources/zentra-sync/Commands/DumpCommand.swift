import ArgumentParser
import Glibc
import JSON
import Reconciler
import Resources
import Store

struct DumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Write the live state as YAML that plans to nothing.")

    @Argument(
        help: ArgumentHelp(
            "The folder to write, one file for each resource; without one everything is printed.",
            valueName: "dir"), completion: .directory)
    var dir: String?

    @OptionGroup var live: LiveOptions

    func validate() throws { try NewFiles.checkName(dir) }

    func run() async throws {
        let documents = try await resources().map { resource in
            do {
                return (
                    resource,
                    YAMLText.document(
                        try JSONValue(parsing: try Resource(canonical: resource.canonical).canonical))
                )
            } catch {
                throw Failure("cannot read the live form of \(resource.kind)/\(resource.name): \(error)")
            }
        }
        guard let dir else { return Console.standard.write(documents.map(\.1).joined()) }
        let target = NewFiles(folder: dir)
        for (resource, text) in documents { target.add(try path(resource), text) }
        try target.write()
        Console.standard.note("wrote \(Plural.count(documents.count, "resource")) to \(dir)")
    }

    private func resources() async throws -> [LiveResource] {
        if let server = try live.namedServer() {
            return try await server.liveState().configuration.resources
        }
        let store = try live.state.openForReading()
        let resources = try await store.liveConfiguration().resources
        try store.close()
        return resources
    }

    /// `subscriptions/erp-tickets.yaml`
    ///
    /// - Throws: `Failure` for a name that no file may get: what is live may come from a state or a server that somebody
    ///   else wrote.
    private func path(_ resource: LiveResource) throws -> String {
        guard ResourceID("\(resource.kind)/\(resource.name)") != nil else {
            throw Failure("cannot write a live \(resource.kind) whose name is not one of a resource")
        }
        let folders = [
            "SecretReference": "secrets", "ApiToken": "tokens", "Subscription": "subscriptions",
            "InboundEndpoint": "inbound", "Workflow": "workflows", "SLAPolicy": "sla",
        ]
        return "\(folders[resource.kind] ?? resource.kind.lowercased())/\(resource.name).yaml"
    }
}
