import ArgumentParser
import JSON
import Resources

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a small configuration repository that validates, with checks for pull requests.")

    @Argument(
        help: "The folder; it is made when it is missing, and nothing that is there is touched.",
        completion: .directory)
    var dir = "."

    @Option(
        help: ArgumentHelp(
            "Where the pipelines download the program from; without it a variable of the repository says so.",
            valueName: "url"))
    var download: String?

    func validate() throws {
        try NewFiles.checkName(dir)
        guard let download else { return }
        let isPlain = download.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0.value < 0x7F && !"\"'$\\`".unicodeScalars.contains($0)
        }
        guard download.hasPrefix("https://"), isPlain else {
            throw ValidationError("--download takes an `https://` URL")
        }
    }

    func run() throws {
        let files = NewFiles(folder: dir)
        files.add(".zentra-sync/schema.json", JSONSchema.union().prettyText + "\n")
        for (path, text) in StarterRepository.resources + StarterPipelines(download: download).files {
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
