import Engine
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Synchronization

/// A daemon on a virtual machine, on a thread of its own in this process.
final class VirtualDaemon: Sendable {
    let kernel: VirtualKernel
    let source: StubSource
    private let port: StubPort
    private let host = HostKernel()
    private let exitCode = Mutex<Int32?>(nil)

    init(_ plan: Plan, on kernel: VirtualKernel, _ options: DaemonOptions = DaemonOptions()) {
        self.kernel = kernel
        source = StubSource(plan)
        let own = kernel.forDaemon()
        port = StubPort(on: own) {}
        _ = HostThread.start { [self] in
            let code = Daemon.run(options, source: source, port: port, on: own)
            exitCode.withLock { $0 = code }
        }
    }

    /// Waits in real time; `nil` after `milliseconds`.
    func wait<R>(milliseconds: Int64 = 5000, _ body: () -> R?) -> R? {
        let end = host.now().monotonic + milliseconds * 1_000_000
        while true {
            if let result = body() { return result }
            if host.now().monotonic > end { return nil }
            host.sleep(nanoseconds: 200_000)
        }
    }

    func status(_ name: String) -> ProgramStatus? {
        port.engine?.snapshot.programs.first { $0.status.name == name }?.status
    }

    func awaitState(_ name: String, _ state: ProcessState) -> ProgramStatus? {
        wait { status(name).flatMap { $0.state == state ? $0 : nil } }
    }

    func submit(_ request: ControlRequest, _ answer: @escaping @Sendable (ControlAnswer) -> Void) {
        port.engine?.submit(request, answer: answer)
    }

    /// The answer and how long it took, in real milliseconds; `nil` after 5 s.
    func ask(
        _ request: ControlRequest, clockRuns: Bool = false
    ) -> (answer: ControlAnswer, milliseconds: Int64)? {
        let box = AnswerBox()
        let start = host.now().monotonic
        port.engine?.submit(request) { box.put($0) }
        if clockRuns { return time { box.take() }.map { ($0.result, $0.milliseconds) } }
        return wait { box.take() }.map { ($0, (host.now().monotonic - start) / 1_000_000) }
    }

    /// Real milliseconds from now until `body` has a result. The machine's clocks go on meanwhile as real ones do.
    func time<R>(_ body: () -> R?) -> (result: R, milliseconds: Int64)? {
        let start = host.now().monotonic
        var last = start
        return wait { () -> R? in
            let now = host.now().monotonic
            kernel.advance(nanoseconds: now - last)
            last = now
            return body()
        }.map { ($0, (host.now().monotonic - start) / 1_000_000) }
    }

    /// Tells the daemon to end and waits for it; its exit code.
    func shutDown() -> Int32? {
        port.engine?.submit(.supervise(.shutdown)) { _ in }
        // Its clock stands still: whatever it waits for must be brought about.
        return wait {
            kernel.advance(milliseconds: 100)
            return exitCode.withLock { $0 }
        }
    }
}

final class AnswerBox: Sendable {
    private let box = Mutex<ControlAnswer?>(nil)
    func put(_ answer: ControlAnswer) { box.withLock { $0 = answer } }
    func take() -> ControlAnswer? { box.withLock { $0 } }
}
