package import Kernel
package import SourceText

/// One turn at a time: waits for readiness or the next deadline, then says what happened. It has no rules.
///
/// Owned by one thread. There is no tick: without timers and without events it sleeps for ever.
package struct EventLoop<K: SystemCalls> {
    package let kernel: K
    package let poller: any Poller
    /// Set and cancel deadlines here; their tokens come back in `expired`.
    package var timers = TimerHeap()
    /// What the last turn found ready.
    package private(set) var events: [PollEvent] = []
    /// Tokens of the timers that rang in the last turn, in order of their deadlines.
    package private(set) var expired: [UInt64] = []

    package init(kernel: K) throws(SystemError) {
        self.kernel = kernel
        poller = try kernel.makePoller()
    }

    /// Waits until something is ready, a timer rings or `deadline` (monotonic nanoseconds) comes; fills `events` and
    /// `expired`; returns the moment it woke. All timers due at that moment ring.
    package mutating func turn(until deadline: Int64? = nil) throws(SystemError) -> Instant {
        let limit =
            switch (deadline, timers.nextDeadline) {
            case (let a?, let b?): Swift.min(a, b)
            case (let a, let b): a ?? b
            }
        try poller.wait(until: limit, into: &events)
        let now = kernel.now()
        expired.removeAll(keepingCapacity: true)
        while let token = timers.popExpired(at: now.monotonic) { expired.append(token) }
        return now
    }
}
