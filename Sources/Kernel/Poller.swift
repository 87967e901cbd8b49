package import SourceText

/// What one wants to know of a descriptor.
package struct Interest: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let readable = Interest(rawValue: 1)
    package static let writable = Interest(rawValue: 2)
}

/// One thing that happened.
package enum PollEvent: Hashable, Sendable {
    /// The descriptor added under `token` can be read or written; `hangUp`: its other end is closed, or it failed.
    case ready(token: UInt64, Interest, hangUp: Bool)
    /// The process watched under `token` ended. Reported again at each wait until it is reaped or unwatched.
    case exited(token: UInt64)
    /// A watched signal arrived, once or several times.
    case signal(Signal)
    /// Somebody called `wake`, once or several times.
    case woken
}

/// Waits for many things at once: epoll(7) or kqueue(2), level-triggered.
///
/// One thread waits; any thread may change what is watched and `wake` the waiter. Tokens are the caller's; several
/// descriptors may share one. A descriptor is removed before it is closed.
package protocol Poller: AnyObject, Sendable {
    /// Starts to watch. An empty interest still reports `hangUp`. `ErrorNumber.notPermitted` for a regular file, which
    /// is always ready.
    func add(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError)
    /// Changes interest or token of a watched descriptor.
    func modify(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError)
    /// Stops to watch; not being watched is no error.
    func remove(_ descriptor: Descriptor)

    /// Reports the end of an unreaped child, also when it ended already.
    func watchExit(of process: SpawnedProcess, token: UInt64) throws(SystemError)
    /// Stops to watch. To be called before `ProcessCalls.reap`.
    func unwatchExit(of process: SpawnedProcess)

    /// Reports these signals from now on, instead of those of an earlier call. They must have been blocked
    /// (`ProcessCalls.blockSignals`). SIGCHLD should be among them: where the kernel refuses process handles, exits are
    /// found by it.
    func watchSignals(_ signals: [Signal]) throws(SystemError)

    /// Makes the waiter return; from any thread.
    func wake()

    /// Waits for something to happen or until `deadline` (nanoseconds of the monotonic clock; `nil`: for ever), never
    /// shorter. Replaces the content of `events`; it is empty when the deadline passed. Blocks.
    func wait(until deadline: Int64?, into events: inout [PollEvent]) throws(SystemError)

    /// Frees the poller's own descriptors; those it watched stay open.
    func close()
}
