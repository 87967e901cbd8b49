package import Kernel
import SourceText

/// A service manager that keeps descriptors over the death of the caller, and processes that are nobody's children.
extension VirtualKernel {
    // MARK: What a test does

    /// From now on a service manager keeps descriptors for us, and processes have handles.
    /// `tellExits`: whether a handle tells how a process has ended.
    package func keepDescriptors(_ size: Int = 1000, tellExits: Bool = true) {
        var variables = environment
        variables["NOTIFY_SOCKET"] = "/run/notify"
        variables["FDSTORE"] = "\(size)"
        variables["SYSTEMD_EXEC_PID"] = "\(processID)"
        setEnvironment(variables)
        locked {
            $0.hasHandles = true
            $0.handlesTellExits = tellExits
        }
    }

    /// From now on no process is ended with its parent, as on Darwin.
    package func letProcessesOutliveTheirParents() { locked { $0.signalsAtParentDeath = false } }

    /// The pid of a process is a later one's now.
    package func recycle(_ pid: Int32) { locked { $0.processes[pid]?.start = 1 } }

    /// Names of the descriptors that are kept, in the order in which they came.
    package var storedNames: [String] { locked { $0.stored.map(\.name) } }

    /// Kills the daemon, with all its threads, in front of its call number `times` of that name whose path contains
    /// `text`; see `waitUntilDead`.
    package func killCaller(before call: String, matching text: String = "", times: Int = 1) {
        locked {
            $0.death.before = VirtualFault(
                match: VirtualMatch(call: call, text: text), number: .interrupted, times: times)
        }
    }

    /// Kills it where it is.
    package func killCaller() { locked { $0.death.isThere = true } }

    /// Waits (in real time) until it is dead: from then on nothing changes that the test does not change; `false` after
    /// `realMilliseconds`.
    package func waitUntilDead(realMilliseconds: Int = 5000) -> Bool {
        waitUntil(realMilliseconds) { $0.death.isThere }
    }

    /// The caller stays here for good when it is a daemon that was killed. The lock is held.
    func parkIfDead() {
        while withState({ $0.death.isDead(life) }) { gate.wait() }
    }

    /// What the daemon that was killed had open is closed, what is kept is passed to the next one, and /proc shows the
    /// processes that live.
    package func passOn() {
        showProcesses()
        let names = locked { state in
            state.death.bury()
            state.pollers = [:]
            for number in state.descriptors.keys where number > 2 { state.close(number) }
            let kept = state.stored
            for entry in kept { _ = state.open(entry.descriptor) }
            return kept.map(\.name)
        }
        var variables = environment
        variables["LISTEN_PID"] = names.isEmpty ? nil : "\(processID)"
        variables["LISTEN_FDS"] = names.isEmpty ? nil : "\(names.count)"
        variables["LISTEN_FDNAMES"] = names.isEmpty ? nil : names.joined(separator: ":")
        setEnvironment(variables)
    }

    /// `/proc/PID/stat` and `/proc/PID/fd` of all that live: orphans that lead their process groups.
    private func showProcesses() {
        for pid in livingProcesses() {
            install("/proc/\(pid)/stat", "\(pid) (some) S 1 \(pid) 1" + String(repeating: " 0", count: 15) + " \(pid)")
            let standard = locked { $0.processes[pid]?.standard ?? [] }
            for (number, kind) in standard.enumerated() {
                switch kind {
                case .pipeReader(let pipe), .pipeWriter(let pipe):
                    installLink("/proc/\(pid)/fd/\(number)", to: "pipe:[\(pipe)]")
                default: continue
                }
            }
        }
    }

    // MARK: ProcessCalls

    package func startOfProcess(_ pid: Int32) -> UInt64? {
        locked { state in
            guard let process = state.processes[pid], process.termination == nil else { return nil }
            return process.start ?? UInt64(pid)
        }
    }

    package var signalsAtParentDeath: Bool { locked { $0.signalsAtParentDeath } }

    package func openHandle(of pid: Int32) throws(SystemError) -> Descriptor {
        try call("pidfd_open", "\(pid)") { state throws(SystemError) in
            guard state.processes[pid]?.termination == nil else { throw SystemError("pidfd_open", .noProcess) }
            return state.open(VirtualDescriptor(.process(pid), path: "pid \(pid)"))
        }
    }

    package func adopt(_ pid: Int32, handle: Descriptor) -> SpawnedProcess {
        SpawnedProcess(pid: pid, handle: handle, isAdopted: true)
    }
}

/// The death of a daemon whose threads cannot be ended: they stay where they are.
struct VirtualDeath {
    /// The call in front of which it comes.
    var before: VirtualFault?
    /// The present daemon is dead.
    var isThere = false
    /// The number of the present daemon, and the last of those that were killed.
    private var present = 0
    private var buried = 0

    mutating func begin() -> Int {
        present += 1
        return present
    }

    func isDead(_ life: Int?) -> Bool {
        guard let life else { return false }
        return life <= buried || isThere && life == present
    }

    /// Whoever comes from now on is another daemon.
    mutating func bury() {
        buried = present
        before = nil
        isThere = false
    }
}

extension VirtualState {
    func endOfAdopted(_ pid: Int32) -> Termination? {
        guard let termination = processes[pid]?.termination else { return nil }
        return handlesTellExits ? termination : .unknown
    }

    /// What the service manager does with a message.
    mutating func store(_ message: String, _ passed: [Descriptor]) {
        let lines = message.split(separator: "\n")
        guard let name = lines.first(where: { $0.hasPrefix("FDNAME=") }).map({ String($0.dropFirst(7)) }) else {
            return
        }
        if lines.contains("FDSTOREREMOVE=1") {
            for entry in stored where entry.name == name { hold(entry.descriptor.kind, by: -1) }
            stored.removeAll { $0.name == name }
        }
        // One that is asked to watch them would drop them at a hang-up.
        guard lines.contains("FDSTORE=1"), lines.contains("FDPOLL=0") else { return }
        for descriptor in passed {
            guard let open = descriptors[descriptor.number] else { continue }
            hold(open.kind, by: 1)
            stored.append((name, open))
        }
    }
}
