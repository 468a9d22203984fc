import ArgumentParser
import Glibc
import Resources
import Runtime
import Store

/// The live state: a file, or a running sidecar.
struct LiveOptions: ParsableArguments {
    @OptionGroup var state: StateOptions

    @Option(help: ArgumentHelp("A running sidecar instead of a state file.", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("The file with the token for --server.", valueName: "file"))
    var tokenFile: String?

    func validate() throws {
        if server != nil && tokenFile == nil { throw ValidationError("--server needs --token-file") }
        if server == nil && tokenFile != nil { throw ValidationError("--token-file goes with --server") }
    }

    /// The sidecar that --server names; nil without it.
    func namedServer() throws -> SidecarClient? {
        guard let server, let tokenFile else { return nil }
        return try SidecarClient(url: server, token: try token(tokenFile))
    }

    /// The sidecar that --server names, or the one that runs the state.
    func sidecar() throws -> SidecarClient {
        if let named = try namedServer() { return named }
        let path = state.path
        guard access(path.file, F_OK) == 0 else { throw StoreError.missing(path: path.file) }
        guard let owner = RunLock.owner(of: path), let url = owner.url else {
            throw Failure(
                "no sidecar runs the state \(path)",
                hint: "start `zentra-sync run`, or name one with --server")
        }
        return try SidecarClient(
            url: url, token: LocalCredential(try StateKey.load(path, create: false)).bearer)
    }

    private func token(_ file: String) throws -> String {
        switch SecretReader(folders: nil).read(.file(AbsolutePath.of(file))) {
        case .success(let value): return value.withBytes { String(decoding: $0, as: UTF8.self) }
        case .failure(let problem): throw Failure("cannot read the token: \(problem)")
        }
    }
}
