import Engine
import Kernel
import ServiceModel
import SourceText
import Supervision
import Synchronization

/// One daemon, run for real in this process, with a script beside it that talks to it as a client would.
///
/// Meant for the child process of an exit test: the daemon blocks signals, reaps children and may raise limits.
struct Trial: Sendable {
    let directory: String
    let source: StubSource
    /// The settings the daemon was started with.
    let daemonSettings: DaemonSettings
    let kernel = HostKernel()
    /// Threads of this process that are none of the daemon's.
    let bystanders: Set<String>
    private let failures: Failures

    final class Failures: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ text: String) { list.withLock { $0.append(text) } }
        var all: [String] { list.withLock { $0 } }
    }

    /// Runs `plan` (made for a fresh directory) with `script` beside it and shuts the daemon down afterwards. Says
    /// on standard error what failed, for `tell`; the testing library hands that over only from a process that ends
    /// well, so the exit code is always 0.
    static func run(
        options: DaemonOptions = DaemonOptions(), _ makePlan: (String) -> Plan,
        script: @escaping @Sendable (Trial) -> Void
    ) -> Int32 {
        let kernel = HostKernel()
        let directory = "/tmp/svi-engine-\(kernel.processID)"
        guard (try? kernel.makeDirectories(directory, mode: 0o755)) != nil else { return 99 }
        let failures = Failures()
        var plan = makePlan(directory)
        if plan.daemon.logFile == nil { plan.daemon.logFile = directory + "/main.log" }
        if plan.daemon.childLogDirectory == "/tmp" { plan.daemon.childLogDirectory = directory }
        plan.daemon.silent = true
        let source = StubSource(plan)
        let settings = plan.daemon
        let bystanders = Set((try? kernel.list("/proc/self/task")) ?? []).subtracting([ownThread(kernel)])
        let port = StubPort {
            script(
                Trial(
                    directory: directory, source: source, daemonSettings: settings, bystanders: bystanders,
                    failures: failures))
            LifeLine.current.withLock { $0 }?.submit(.supervise(.shutdown)) { _ in }
        }
        let code = Daemon.run(options, source: source, port: port)
        if code != 0 { failures.add("the daemon ended with \(code)") }
        for failure in failures.all { complain("FAILED: \(failure)", kernel) }
        if failures.all.isEmpty { removeTree(directory, kernel) }
        return 0
    }

    private static func complain(_ text: String, _ kernel: HostKernel) {
        try? kernel.writeAll(.standardError, Array((text + "\n").utf8))
    }

    private static func removeTree(_ path: String, _ kernel: HostKernel) {
        for name in (try? kernel.list(path)) ?? [] {
            let child = path + "/" + name
            if (try? kernel.status(of: child, followLinks: false))?.kind == .directory {
                removeTree(child, kernel)
            } else {
                try? kernel.unlink(child)
            }
        }
        try? kernel.removeDirectory(path)
    }

    private static func ownThread(_ kernel: HostKernel) -> String {
        let link = (try? kernel.readSymbolicLink("/proc/thread-self")) ?? ""
        return String(link.split(separator: "/").last ?? "")
    }

    // MARK: For scripts

    /// The daemon's own threads: not the testing library's, not the script's.
    var threads: [String] {
        ((try? kernel.list("/proc/self/task")) ?? []).filter {
            !bystanders.contains($0) && $0 != Self.ownThread(kernel)
        }
    }

    /// The engine of the daemon's present life; `nil` while it has none.
    var engine: (any EngineControl)? { LifeLine.current.withLock { $0 } }

    func check(_ condition: Bool, _ what: @autoclosure () -> String) {
        if !condition { failures.add(what()) }
    }

    /// Asks and waits for the answer, at most 20 s.
    @discardableResult
    func ask(_ request: ControlRequest) -> ControlAnswer {
        let gate = AnswerBox()
        engine?.submit(request) { gate.put($0) }
        guard let answer = wait(for: "an answer to \(request)", { gate.take() }) else {
            return .fault(Fault(.failed, "no answer"))
        }
        return answer
    }

    /// Looks every 2 ms until there is something; `nil`, and a failure, after 20 s.
    @discardableResult
    func wait<R>(for what: String, seconds: Int64 = 20, _ body: () -> R?) -> R? {
        let end = kernel.now().monotonic + seconds * 1_000_000_000
        while kernel.now().monotonic < end {
            if let result = body() { return result }
            kernel.sleep(nanoseconds: 2_000_000)
        }
        failures.add("waited in vain for \(what)")
        return nil
    }

    func status(_ name: String) -> ProgramStatus? {
        program(name)?.status
    }

    func program(_ name: String) -> ProgramSnapshot? {
        engine?.snapshot.programs.first { $0.status.name == name }
    }

    @discardableResult
    func awaitState(_ name: String, _ state: ProcessState) -> ProgramStatus? {
        wait(for: "\(name) to be \(state.name)") { status(name).flatMap { $0.state == state ? $0 : nil } }
    }

    func text(_ file: String) -> String {
        let path = file.hasPrefix("/") ? file : directory + "/" + file
        return (try? kernel.readFile(path, limit: 1 << 28)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func awaitText(_ file: String, containing part: String) {
        wait(for: "\(part) in \(file), which holds \(text(file).suffix(300))") {
            text(file).contains(part) ? true : nil
        }
    }

    func pause(milliseconds: Int64) { kernel.sleep(nanoseconds: milliseconds * 1_000_000) }
}
