import ArgumentParser
import Glibc

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Option(help: "When to colour: auto, always or never. NO_COLOR is honoured.")
    var color = Console.Colour.auto

    var palette: Palette { Palette(isColoured: Console.standard.isColoured(color)) }
    /// For what goes to standard error, which may be a file while results are on a terminal.
    var errorPalette: Palette { Palette(isColoured: Console.standard.isColoured(color, STDERR_FILENO)) }
}

extension Console.Colour: ExpressibleByArgument {}

/// The forms of lists and of status.
enum ListFormat: String, CaseIterable, ExpressibleByArgument {
    case human, json
}
