/// How the child process is started that does all the network work.
package struct GitChildCommand: Sendable, Equatable {
    package let executable: String
    package let arguments: [String]

    /// The running binary itself with its hidden verb.
    package static let ownBinary = GitChildCommand(executable: "/proc/self/exe", arguments: [GitChild.verb])

    package init(executable: String, arguments: [String]) {
        self.executable = executable
        self.arguments = arguments
    }
}
