import CLibGit2

/// What a remote offers.
struct Heads {
    struct Head: Equatable {
        /// Full name, for example `refs/heads/main`.
        let name: String
        let id: ObjectID
    }

    enum Found: Equatable {
        case head(Head)
        case commit(ObjectID)
    }

    private let all: [String: ObjectID]
    /// What `HEAD` points to, when the remote says so.
    private let defaultBranch: String?

    init(of remote: borrowing Owned) throws(LibGit2Failure) {
        var list: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try check(git_remote_ls(&list, &count, remote.pointer))
        let heads = UnsafeBufferPointer(start: list, count: count).compactMap { $0?.pointee }
        all = Dictionary(heads.map { (String(cString: $0.name), ObjectID($0.oid)) }, uniquingKeysWith: { $1 })
        defaultBranch = heads.first { String(cString: $0.name) == "HEAD" }?.symref_target.map {
            String(cString: $0)
        }
    }

    var branches: [Head] {
        all.filter { $0.key.hasPrefix("refs/heads/") }.map(Head.init).sorted { $0.name < $1.name }
    }

    /// - Throws: `emptyRepository`, `refNotFound`.
    func find(_ reference: GitReference) throws(GitError) -> Found {
        guard !all.isEmpty else {
            throw GitError(.emptyRepository, "the repository is empty", hint: "push a first commit")
        }
        switch reference {
        case .commit(let id): return .commit(id)
        case .full(let name): return .head(try find([name], asked: name))
        case .named(let name):
            return .head(try find(["refs/heads/\(name)", "refs/tags/\(name)"], asked: name))
        case .defaultBranch:
            if let defaultBranch, let id = all[defaultBranch] {
                return .head(Head(name: defaultBranch, id: id))
            }
            guard let id = all["HEAD"] else {
                throw GitError(
                    .refNotFound, "the remote has no default branch", hint: "name a branch with --ref")
            }
            return .head(Head(name: "HEAD", id: id))
        }
    }

    private func find(_ names: [String], asked: String) throws(GitError) -> Head {
        for name in names { if let id = all[name] { return Head(name: name, id: id) } }
        throw GitError(
            .refNotFound, "the remote has no branch or tag `\(asked.printable)`", hint: hint(asked))
    }

    private static let shownBranches = 5

    private func hint(_ asked: String) -> String? {
        if 4..<40 ~= asked.utf8.count, asked.allSatisfy(\.isHexDigit) {
            return "a commit is named by all 40 digits of its id"
        }
        let names = branches.map { $0.name.dropFirst("refs/heads/".count) }
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(Self.shownBranches).map { "`\(String($0).printable)`" }
        return "its branches: \(shown.joined(separator: ", "))\(names.count > shown.count ? ", …" : "")"
    }
}
