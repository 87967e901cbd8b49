import CPlatform
import SourceText

/// Processes that are nobody's children here. Everything goes through their handles: a pid of theirs may be a stranger's
/// at any moment.
extension HostKernel {
    package func openHandle(of pid: Int32) throws(SystemError) -> Descriptor {
        Descriptor(number: try retrying("pidfd_open", "\(pid)") { svi_open_handle(pid) })
    }

    package func adopt(_ pid: Int32, handle: Descriptor) -> SpawnedProcess {
        SpawnedProcess(pid: pid, handle: handle, isAdopted: true)
    }

    /// How it ended; `nil` while it lives, and where the kernel tells also until its parent has reaped it.
    func endOfAdopted(_ process: SpawnedProcess) -> Termination? {
        guard let handle = process.handle else { return .unknown }
        var exit = svi_exit()
        switch svi_handle_exit(handle.number, &exit) {
        case 1: return Termination(exit)
        case 0: return nil
        default: return .unknown
        }
    }

    func signalAdopted(_ process: SpawnedProcess, _ signal: Signal) throws(SystemError) {
        let handle = process.handle?.number ?? -1
        _ = try retrying("pidfd_send_signal", "\(process.pid)") { svi_signal_by_handle(handle, signal.number, 0) }
    }

    /// Before Linux 6.9 by the group's number, which is nobody else's as long as its leader lives.
    func signalGroupOfAdopted(_ leader: SpawnedProcess, _ signal: Signal) throws(SystemError) {
        let handle = leader.handle?.number ?? -1
        do throws(SystemError) {
            _ = try retrying("pidfd_send_signal", "-\(leader.pid)") { svi_signal_by_handle(handle, signal.number, 1) }
        } catch  where error.number == .invalid {
            try signalAdopted(leader, Signal(number: 0))
            _ = try retrying("kill", "-\(leader.pid)") { kill(-leader.pid, signal.number) }
        }
    }
}

extension Termination {
    /// What wait(2) or a process descriptor tells.
    init(_ exit: svi_exit) {
        self =
            exit.kind == 0
            ? .exited(code: exit.status)
            : .signalled(Signal(number: exit.status), coreDumped: exit.kind == 2)
    }
}
