import Kernel
import ServiceModel
import SourceText
import Supervision

/// The program that is to take our place shows, as a child, that it can: it reads the state and the configuration.
struct SuccessionTrial<K: SystemCalls>: Sendable {
    let kernel: K
    let succession: Succession

    /// How long it may take.
    private static var patience: Int64 { 20_000_000_000 }
    private static var look: Int64 { 5_000_000 }

    /// Why it cannot; `nil` when it can. Blocks.
    func run(_ state: HandOver) -> String? {
        do throws(SystemError) {
            let descriptor = try state.store(kernel)
            defer { kernel.close(descriptor) }
            let words = try kernel.openMemory()
            defer { kernel.close(words) }
            return try run(descriptor, saying: words)
        } catch {
            return "the state cannot be kept for it: \(error)"
        }
    }

    private func run(_ state: Descriptor, saying words: Descriptor) throws(SystemError) -> String? {
        let nothing = try kernel.open("/dev/null", .reading)
        defer { kernel.close(nothing) }
        var environment = kernel.environment
        environment[Succession.variable] = "try 3"
        environment["NOTIFY_SOCKET"] = nil
        var request = SpawnRequest(
            path: succession.program, arguments: succession.arguments, environment: environment,
            workingDirectory: succession.startDirectory)
        request.standardInput = nothing
        request.standardOutput = words
        request.standardError = words
        request.extraDescriptors = [state]
        switch kernel.spawn(request) {
        case .failure(let failure): return "\(succession.program) cannot be started: \(failure)"
        case .success(let process): return verdict(end(of: process), said(words))
        }
    }

    /// Its end; `nil` when it had to be killed.
    private func end(of process: SpawnedProcess) -> Termination? {
        let deadline = kernel.now().monotonic + Self.patience
        while kernel.now().monotonic < deadline {
            if let termination = kernel.reap(process) { return termination }
            kernel.sleep(nanoseconds: Self.look)
        }
        try? kernel.signal(process, .kill)
        while kernel.reap(process) == nil { kernel.sleep(nanoseconds: Self.look) }
        return nil
    }

    private func said(_ words: Descriptor) -> String {
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = piece.withUnsafeMutableBytes { (try? kernel.read(words, at: 0, into: $0)) ?? 0 }
        return String(decoding: piece[..<count], as: UTF8.self)
    }

    private func verdict(_ end: Termination?, _ words: String) -> String? {
        guard let end else { return "\(succession.program) did not say in time whether it can take over" }
        if end == .exited(code: 0), words == Succession.consent { return nil }
        let line = words.split(separator: "\n").last.map(String.init) ?? "it said nothing"
        return "\(succession.program) cannot take over: \(line) (\(LogLine.describe(end)))".oneLine
    }
}

extension HandOver {
    /// Whether a configuration describes what runs: each group that is in service, with its programs.
    func check(against plan: Plan) throws(Failure) -> Machine {
        let machine: Machine
        do throws(StateDecodingError) {
            machine = try Machine(decoding: self.machine)
        } catch {
            throw Failure(.badInput, code: "succession-state", "\(error)")
        }
        let known = Set(
            plan.groups.flatMap { group in
                group.services.map { ProgramName(group: group.name, process: $0.name.value) }
            })
        for program in machine.programs {
            let name = ProgramName(group: program.group, process: program.name)
            guard known.contains(name) else {
                throw Failure(
                    .badConfiguration, code: "succession-program",
                    "\(name.namespec) is in service and not configured any more",
                    remedy: "apply the configuration with svinstall update first")
            }
        }
        return machine
    }
}
