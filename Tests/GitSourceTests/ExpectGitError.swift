import GitSource
import Testing

/// Checks that `body` throws a `GitError` of a category, and what its message contains.
func expectGitError(
    _ category: GitError.Category, _ text: String = "", sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> some Any
) async {
    do {
        _ = try await body()
        Issue.record("no error, expected \(category)", sourceLocation: sourceLocation)
    } catch let error as GitError {
        let isRight = error.category == category && (text.isEmpty || error.message.contains(text))
        #expect(isRight, "\(error.category): \(error.message)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("not a git error: \(error)", sourceLocation: sourceLocation)
    }
}
