import ArgumentParser
import JSON
import Resources

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a small configuration repository that validates, with checks for pull requests.")

    @Argument(help: "The folder; it is made when it is missing, and nothing that is there is touched.")
    var dir = "."

    func run() throws {
        let files = NewFiles(folder: dir)
        files.add(".zentra-sync/schema.json", JSONSchema.union().prettyText + "\n")
        for (path, text) in StarterRepository.resources + StarterRepository.pipelines {
            files.add(path, text)
        }
        try files.write()
        let place = dir == "." ? "" : " \(dir)"
        Console.standard.note(
            """
            wrote a configuration repository\(place.isEmpty ? "" : " to" + place)
            next: zentra-sync validate\(place)
                  zentra-sync plan --dir \(dir)
            """)
    }
}
