package import Kernel
package import SourceText

/// How the processes of a program behave.
package struct VirtualProgram: Sendable {
    /// Ends every process right at its start.
    package var endsAtOnce: Termination?
    /// Signals that do nothing (SIGKILL always kills).
    package var ignores: Set<Signal>
    /// Signals that end a process otherwise than by the signal itself.
    package var endsOn: [Signal: Termination]

    package init(endsAtOnce: Termination? = nil, ignores: Set<Signal> = [], endsOn: [Signal: Termination] = [:]) {
        self.endsAtOnce = endsAtOnce
        self.ignores = ignores
        self.endsOn = endsOn
    }
}

/// What a tool does when it is run, and what it says.
package typealias VirtualTool = @Sendable (SpawnRequest) -> VirtualAnswer

/// The words and the exit status of a tool.
package struct VirtualAnswer: Sendable {
    package var output: String
    package var error: String
    package var code: Int32

    package init(_ code: Int32 = 0, output: String = "", error: String = "") {
        self.code = code
        self.output = output
        self.error = error
    }
}

/// One process of a virtual machine.
struct VirtualProcess {
    var request: SpawnRequest?
    var termination: Termination?
    var isReaped = false
    /// When it started, where that is not told by its pid.
    var start: UInt64?
    var signals: [Signal] = []
    var groupSignals: [Signal] = []
    /// What its standard input, output and error are.
    var standard: [VirtualDescriptor.Kind] = []
}

extension VirtualState {
    /// A process ends: its ends of pipes close and SIGCHLD comes.
    mutating func end(_ pid: Int32, _ termination: Termination) {
        guard var process = processes[pid], process.termination == nil else { return }
        for kind in process.standard { hold(kind, by: -1) }
        process.standard = []
        process.termination = termination
        processes[pid] = process
        deliver(.child)
    }

    /// What a signal does to a process.
    mutating func hit(_ pid: Int32, _ signal: Signal) {
        guard let process = processes[pid], process.termination == nil, signal.number != 0 else { return }
        let program = process.request.flatMap { programs[$0.path] } ?? VirtualProgram()
        if signal != .kill {
            if program.ignores.contains(signal) { return }
            if let termination = program.endsOn[signal] { return end(pid, termination) }
            if Self.harmless.contains(signal) { return }
        }
        end(pid, .signalled(signal, coreDumped: false))
    }

    /// Signals whose default action ends nothing.
    private static let harmless = Set(
        ["CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "WINCH"].compactMap { Signal(named: $0) })
}

extension VirtualKernel {
    // MARK: What a test does

    /// How processes of that program path behave from now on; without it signals do their default.
    package func setProgram(_ path: String, _ program: VirtualProgram) { locked { $0.programs[path] = program } }

    /// From now on the program is a tool that answers at once; the file is installed as well.
    package func setTool(_ path: String, _ tool: @escaping VirtualTool) {
        install(path, "", mode: 0o755)
        locked { $0.tools[path] = tool }
    }

    /// Ends a process.
    package func exit(_ pid: Int32, _ termination: Termination) { locked { $0.end(pid, termination) } }

    /// The next `times` spawns of that program fail at that step.
    package func failSpawn(_ path: String, at step: SpawnStep, _ number: ErrorNumber, times: Int = 1) {
        fail("spawn:\(step)", number, matching: path, times: times)
    }

    /// Pids of the processes that live, oldest first; of one program or of all.
    package func livingProcesses(of path: String? = nil) -> [Int32] {
        locked { state in
            state.processes.filter {
                $0.value.termination == nil && (path == nil || $0.value.request?.path == path)
            }.keys.sorted()
        }
    }

    /// Waits (in real time) until a process of that program lives that is not `other`; `nil` after `realMilliseconds`.
    package func waitForProcess(of path: String, otherThan other: Int32? = nil, realMilliseconds: Int = 5000) -> Int32?
    {
        _ = waitUntil(realMilliseconds) { state in
            state.processes.contains {
                $0.key != other && $0.value.termination == nil && $0.value.request?.path == path
            }
        }
        return livingProcesses(of: path).last { $0 != other }
    }

    /// What a process was started with.
    package func request(of pid: Int32) -> SpawnRequest? { locked { $0.processes[pid]?.request } }

    /// Signals a process received by itself, oldest first.
    package func signals(to pid: Int32) -> [Signal] { locked { $0.processes[pid]?.signals ?? [] } }

    /// Signals sent to the group it leads, oldest first.
    package func groupSignals(to pid: Int32) -> [Signal] { locked { $0.processes[pid]?.groupSignals ?? [] } }

    /// The process writes to its standard output or, `toError`, to its standard error; how many bytes were taken.
    package func output(_ pid: Int32, _ text: String, toError: Bool = false) -> Int {
        locked { state in
            guard let standard = state.processes[pid]?.standard, standard.count == 3 else { return 0 }
            return Self.write(Array(text.utf8), as: standard[toError ? 2 : 1], &state)
        }
    }

    private static func write(_ bytes: [UInt8], as kind: VirtualDescriptor.Kind, _ state: inout VirtualState) -> Int {
        // Through a descriptor of its own for a moment, as the child has one.
        var descriptor = VirtualDescriptor(kind, path: "child")
        descriptor.append = true
        let number = state.open(descriptor).number
        defer { state.close(number) }
        do throws(SystemError) { return try write(bytes, to: number, &state) } catch { return 0 }
    }

    /// Everything the process finds on its standard input; it is taken away.
    package func takeInput(of pid: Int32) -> String {
        locked { state in
            guard case .pipeReader(let pipe)? = state.processes[pid]?.standard.first else { return "" }
            let bytes = state.pipes[pipe]?.bytes ?? []
            state.pipes[pipe]?.bytes = []
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// A process that became ours by adoption.
    package func adoptOrphan() -> Int32 {
        locked { state in
            let pid = state.nextPid
            state.nextPid += 1
            state.processes[pid] = VirtualProcess()
            return pid
        }
    }

    // MARK: ProcessCalls

    package func spawn(_ request: SpawnRequest) -> Result<SpawnedProcess, SpawnFailure> {
        let outcome = spawnQuietly(request)
        // A tool does its work in one moment, right at its start: it asks and changes the machine itself.
        if case .success(let process) = outcome, let tool = locked({ $0.tools[request.path] }) {
            let answer = tool(request)
            _ = output(process.pid, answer.output)
            _ = output(process.pid, answer.error, toError: true)
            exit(process.pid, .exited(code: answer.code))
        }
        return outcome
    }

    private func spawnQuietly(_ request: SpawnRequest) -> Result<SpawnedProcess, SpawnFailure> {
        gate.lock()
        defer {
            gate.callAll()
            gate.unlock()
        }
        let subject = ([request.path, request.workingDirectory ?? ""] + request.arguments).joined(separator: " ")
        if let number = holdThenFail("spawn", subject) {
            return .failure(SpawnFailure(step: .creation, number: number))
        }
        for step in SpawnStep.allCases {
            if let number = holdThenFail("spawn:\(step)", request.path) {
                return .failure(SpawnFailure(step: step, number: number, pid: nil))
            }
        }
        return .success(withState { $0.start(request) })
    }

    package func peekExit(_ process: SpawnedProcess) -> Termination? {
        locked { state in
            if process.isAdopted { return state.endOfAdopted(process.pid) }
            guard let known = state.processes[process.pid], !known.isReaped else { return .unknown }
            return known.termination
        }
    }

    package func reap(_ process: SpawnedProcess) -> Termination? {
        locked { state in
            if let handle = process.handle, state.processes[process.pid]?.termination != nil {
                state.close(handle.number)
            }
            if process.isAdopted { return state.endOfAdopted(process.pid) }
            guard let known = state.processes[process.pid], !known.isReaped else { return .unknown }
            guard let termination = known.termination else { return nil }
            state.processes[process.pid]?.isReaped = true
            for id in state.pollers.keys { state.pollers[id]?.exits[process.pid] = nil }
            return termination
        }
    }

    package func reapAnyOrphan() -> OrphanExit? {
        locked { state in
            for (pid, process) in state.processes where process.request == nil && !process.isReaped {
                guard let termination = process.termination else { continue }
                state.processes[pid]?.isReaped = true
                return OrphanExit(pid: pid, termination: termination)
            }
            return nil
        }
    }

    package func signal(_ process: SpawnedProcess, _ signal: Signal) throws(SystemError) {
        try self.signal(pid: process.pid, signal)
    }

    package func signalGroup(_ leader: SpawnedProcess, _ signal: Signal) throws(SystemError) {
        try call("kill", "-\(leader.pid)") { state throws(SystemError) in
            guard let process = state.processes[leader.pid], !process.isReaped else {
                throw SystemError("kill", .noProcess, path: "-\(leader.pid)")
            }
            state.processes[leader.pid]?.groupSignals.append(signal)
            state.hit(leader.pid, signal)
        }
    }

    package func signal(pid: Int32, _ signal: Signal) throws(SystemError) {
        try call("kill", "\(pid)") { state throws(SystemError) in
            let leader = abs(pid)
            guard let process = state.processes[leader], !process.isReaped else {
                throw SystemError("kill", .noProcess, path: "\(pid)")
            }
            if pid < 0 {
                state.processes[leader]?.groupSignals.append(signal)
            } else if signal.number != 0 {
                state.processes[leader]?.signals.append(signal)
            }
            state.hit(leader, signal)
        }
    }

    package func makePoller() throws(SystemError) -> any Poller {
        try call("epoll_create") { state in
            state.nextPoller += 1
            state.pollers[state.nextPoller] = VirtualPollerState()
            return VirtualPoller(self, id: state.nextPoller)
        }
    }

    package func blockSignals(_ signals: [Signal]) throws(SystemError) {
        try call("pthread_sigmask") { _ in }
    }

    package func ignoreSignal(_ signal: Signal) { locked { _ = $0.ignored.insert(signal) } }
}

extension VirtualState {
    fileprivate mutating func start(_ request: SpawnRequest) -> SpawnedProcess {
        let pid = nextPid
        nextPid += 1
        var process = VirtualProcess(request: request)
        for end in [request.standardInput, request.standardOutput, request.standardError] {
            let kind = descriptors[end.number]?.kind ?? .null
            hold(kind, by: 1)
            process.standard.append(kind)
        }
        processes[pid] = process
        if let termination = programs[request.path]?.endsAtOnce { end(pid, termination) }
        let handle = hasHandles ? open(VirtualDescriptor(.process(pid), path: "pid \(pid)")) : nil
        return SpawnedProcess(pid: pid, handle: handle)
    }
}
