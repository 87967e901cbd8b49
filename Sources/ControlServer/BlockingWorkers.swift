import NIOCore
import NIOPosix

/// A few threads for what can block: log files on a dead file system, the user database. They are started when they
/// are first needed, so that a daemon that nobody asks for logs has none of them.
struct BlockingWorkers: Sendable {
    private let pool = NIOThreadPool(numberOfThreads: 4)

    /// Does `work` on one of the threads and `then`, with its result, on the loop.
    func run<Result: Sendable>(
        for loop: any EventLoop, _ work: @escaping @Sendable () -> Result,
        then: @escaping @Sendable (Result) -> Void
    ) {
        pool.start()
        pool.submit { state in
            guard case .active = state else { return }
            let result = work()
            loop.execute { then(result) }
        }
    }

    /// Ends the threads; work under way is finished, waiting work is dropped.
    func stop() {
        pool.shutdownGracefully { _ in }
    }
}
