/// A piece of work on its way through a `CommitQueue`, with what it came to.
///
/// One thread at a time has it: whoever submits it, then the writer's, then the one that tells of it.
class CommitJob: @unchecked Sendable {
    /// Who tells of it; nil: the writer's thread.
    let executor: CommitExecutor?

    init(on executor: CommitExecutor?) { self.executor = executor }

    /// Performs the work, maybe for the second time. What it throws is for the transaction.
    func perform(_ transaction: Transaction) throws {}

    /// It will not be performed, or was in vain.
    func fail(_ error: any Error) {}

    /// Tells whoever waits what it came to, once.
    func tell() {}
}

/// Any work. What runs for every event has a job of its own, whose result has a type that is known when it is compiled: a
/// generic one is looked up at run time wherever it is touched.
final class CommitWork<Result: Sendable>: CommitJob, @unchecked Sendable {
    private let work: @Sendable (Transaction) throws -> Result
    private let completion: @Sendable (Swift.Result<Result, any Error>) -> Void
    private var result: Swift.Result<Result, any Error>?

    init(
        _ work: @escaping @Sendable (Transaction) throws -> Result, on executor: CommitExecutor?,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) {
        self.work = work
        self.completion = completion
        super.init(on: executor)
    }

    override func perform(_ transaction: Transaction) throws { result = .success(try work(transaction)) }

    override func fail(_ error: any Error) { result = .failure(error) }

    override func tell() {
        guard let result else { preconditionFailure("neither performed nor failed") }
        completion(result)
    }
}
