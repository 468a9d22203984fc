import ArgumentParser
import JSON

/// The options of commands that show one thing.
struct ShowOptions: ParsableArguments {
    @Option(help: "human or json.")
    var format = ListFormat.human

    @OptionGroup var live: LiveOptions
    @OptionGroup var output: OutputOptions

    /// Prints it as it came, or as people read it.
    func print(_ value: JSONValue, human: (Palette) -> String) {
        switch format {
        case .json: Console.standard.print(value.prettyText)
        case .human: Console.standard.write(human(output.palette))
        }
    }
}
