package import SourceText

/// Children: their birth, their signals, their end.
///
/// A kernel remembers which of its children are unreaped. That is what makes the two promises below hold: a signal
/// never reaches a stranger who got a recycled pid, and collecting orphans never takes a child's exit status away.
package protocol ProcessCalls: Sendable {
    /// Starts a program. Blocks until the child executes it or fails to: a dead network path hangs the caller.
    func spawn(_ request: SpawnRequest) -> Result<SpawnedProcess, SpawnFailure>

    /// The same in two steps: makes the child and returns while it is on its way to its program. What is returned blocks
    /// until it is there or has failed; it must be called, once, and until then the descriptors that the child gets must
    /// stay open. The child is the calling thread's, whichever calls that.
    func beginSpawn(_ request: SpawnRequest) -> @Sendable () -> Result<SpawnedProcess, SpawnFailure>

    /// How the child ended, leaving it unreaped; `nil` while it lives.
    func peekExit(_ process: SpawnedProcess) -> Termination?

    /// Takes the child's exit status and frees its pid and handle; `nil`, and nothing is freed, while it lives.
    /// `Termination.unknown` when the status is not to be had (somebody else reaped it, or it was never ours).
    func reap(_ process: SpawnedProcess) -> Termination?

    /// Reaps one ended process that became ours by adoption (PID 1, subreaper); `nil` when there is none.
    /// Call again until `nil`, after the children known to have ended were reaped: an unreaped child may hide orphans.
    func reapAnyOrphan() -> OrphanExit?

    /// Sends a signal to the child. `ErrorNumber.noProcess` once it was reaped.
    func signal(_ process: SpawnedProcess, _ signal: Signal) throws(SystemError)

    /// Sends a signal to the process group the child leads. `ErrorNumber.noProcess` once the child was reaped or when
    /// it leads none.
    func signalGroup(_ leader: SpawnedProcess, _ signal: Signal) throws(SystemError)

    /// Sends a signal to a process that is not ours, e.g. the pid of a pidfile; signal number 0 only asks. A negative
    /// number is a process group's.
    func signal(pid: Int32, _ signal: Signal) throws(SystemError)

    /// When a process started that lives, in a measure of the kernel's own: another value for a later process that has
    /// the same pid. `nil`: there is none, or it waits to be reaped.
    func startOfProcess(_ pid: Int32) -> UInt64?

    /// Whether `SpawnRequest.parentDeathSignal` has an effect (prctl(2), `PR_SET_PDEATHSIG`; Linux).
    var signalsAtParentDeath: Bool { get }

    /// A process descriptor of a process that lives; whoever asks makes sure afterwards that it is the one meant.
    /// Linux.
    func openHandle(of pid: Int32) throws(SystemError) -> Descriptor

    /// Takes up a process that is nobody's child here: from now on `reap` closes its handle. Signals go through that, and
    /// its end is known by it; how it ended only where the kernel tells (Linux 6.15), `Termination.unknown` elsewhere.
    func adopt(_ pid: Int32, handle: Descriptor) -> SpawnedProcess

    /// A new, empty poller.
    func makePoller() throws(SystemError) -> any Poller

    /// Blocks the signals for this thread and those it makes later, so that only a poller sees them. To be called on
    /// the main thread before any other thread exists.
    func blockSignals(_ signals: [Signal]) throws(SystemError)

    /// Ignores a signal, as every server does with SIGPIPE. Children get the default action back.
    func ignoreSignal(_ signal: Signal)
}

extension ProcessCalls {
    package func beginSpawn(_ request: SpawnRequest) -> @Sendable () -> Result<SpawnedProcess, SpawnFailure> {
        let outcome = spawn(request)
        return { outcome }
    }
}

/// An adopted process that ended.
package struct OrphanExit: Hashable, Sendable {
    package var pid: Int32
    package var termination: Termination

    package init(pid: Int32, termination: Termination) {
        self.pid = pid
        self.termination = termination
    }
}
