import NIOCore
import NIOPosix
import Synchronization

/// A few threads for what can block: log files on a dead file system, the user database. They are started when they
/// are first needed, so that a daemon that nobody asks for logs has none of them.
final class BlockingWorkers: Sendable {
    private enum Phase {
        case unused, running, stopped
    }

    private let pool = NIOThreadPool(numberOfThreads: 4)
    private let phase = Mutex(Phase.unused)
    private let areInPlace: Bool
    private let wayBack: WayBack

    /// `areInPlace`: there are no threads, and work is done by whoever brings it.
    init(_ wayBack: WayBack, areInPlace: Bool = false) {
        self.wayBack = wayBack
        self.areInPlace = areInPlace
    }

    /// Does `work` on one of the threads and `then`, with its result, on the loop. After `stop` it does neither.
    func run<Result: Sendable>(
        for loop: any EventLoop, _ work: @escaping @Sendable () -> Result,
        then: @escaping @Sendable (Result) -> Void
    ) {
        if areInPlace { return then(work()) }
        // Within the lock, because a pool that is shutting down must not be started.
        phase.withLock { phase in
            guard phase != .stopped else { return }
            if phase == .unused { pool.start() }
            phase = .running
            pool.submit { [wayBack] state in
                guard case .active = state else { return }
                let result = work()
                wayBack.bring(to: loop) { then(result) }
            }
        }
    }

    /// Ends the threads; work under way is finished, waiting work is dropped.
    func stop() {
        let wasRunning = phase.withLock { phase in
            defer { phase = .stopped }
            return phase == .running
        }
        if wasRunning { pool.shutdownGracefully { _ in } }
    }
}
