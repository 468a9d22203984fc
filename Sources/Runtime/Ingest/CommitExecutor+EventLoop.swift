import NIOCore
import Store

extension CommitExecutor {
    init(_ loop: any EventLoop) {
        self.init(owner: loop) { loop.execute($0) }
    }
}
