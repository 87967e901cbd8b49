import NIOCore
import Synchronization

/// The way from other threads back to the control thread: what the engine answers, what workers have found out. Once it
/// is closed it leads nowhere, so that the control thread can end whenever it likes; a loop that has ended takes nothing.
final class WayBack: Sendable {
    private let isOpen = Mutex(true)

    /// Does `work` on the loop.
    func bring(to loop: any EventLoop, _ work: @escaping @Sendable () -> Void) {
        isOpen.withLock { if $0 { loop.execute(work) } }
    }

    func close() { isOpen.withLock { $0 = false } }
}
