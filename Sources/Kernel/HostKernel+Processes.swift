import CPlatform
package import SourceText

extension HostKernel {
    package func peekExit(_ process: SpawnedProcess) -> Termination? {
        if process.isAdopted { return endOfAdopted(process) }
        return switch waitOutcome(of: process.pid, keep: true) {
        case .stillRunning: nil
        case .ended(_, let termination): termination
        case .unknown: .unknown
        }
    }

    package func reap(_ process: SpawnedProcess) -> Termination? {
        if process.isAdopted {
            guard let termination = endOfAdopted(process) else { return nil }
            if let handle = process.handle { close(handle) }
            return termination
        }
        let termination: Termination
        switch children.reap(process.pid) {
        case .stillRunning: return nil
        case .ended(_, let known): termination = known
        case .unknown: termination = .unknown
        }
        if let handle = process.handle { close(handle) }
        return termination
    }

    package func reapAnyOrphan() -> OrphanExit? { children.reapOrphan() }

    package func signal(_ process: SpawnedProcess, _ signal: Signal) throws(SystemError) {
        if process.isAdopted { return try signalAdopted(process, signal) }
        try send(signal, to: process.pid, ofChild: process.pid)
    }

    package func signalGroup(_ leader: SpawnedProcess, _ signal: Signal) throws(SystemError) {
        if leader.isAdopted { return try signalGroupOfAdopted(leader, signal) }
        try send(signal, to: -leader.pid, ofChild: leader.pid)
    }

    /// An unreaped child keeps its pid, and the group of that number, from being given to anybody else.
    private func send(_ signal: Signal, to target: Int32, ofChild child: Int32) throws(SystemError) {
        let sent = children.ifUnreaped(child) { () -> ErrorNumber? in
            kill(target, signal.number) == 0 ? nil : ErrorNumber.current
        }
        guard let outcome = sent else { throw SystemError("kill", .noProcess, path: "\(target)") }
        if let number = outcome { throw SystemError("kill", number, path: "\(target)") }
    }

    package func signal(pid: Int32, _ signal: Signal) throws(SystemError) {
        _ = try retrying("kill", "\(pid)") { kill(pid, signal.number) }
    }

    package func blockSignals(_ signals: [Signal]) throws(SystemError) {
        // An ignored SIGCHLD, which we may have inherited, would let children vanish without a status.
        if signals.contains(.child) { svi_default_signal(Signal.child.number) }
        let numbers = signals.map(\.number)
        _ = try retrying("pthread_sigmask") { svi_block_signals(numbers, Int32(numbers.count)) }
    }

    package func ignoreSignal(_ signal: Signal) { svi_ignore_signal(signal.number) }

    /// Whether this process ignores a signal, as a shell makes its background jobs do.
    package static func ignores(_ signal: Signal) -> Bool { svi_ignores_signal(signal.number) != 0 }
}
