import Engine
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Testing

/// A daemon is killed where nothing else ends what it has started, as on Darwin.
@Suite(.serialized) struct RunLedgerTests {
    private static let ledger = "/run/state/d.runs"

    private func machine() -> VirtualKernel {
        let kernel = VirtualKernel()
        kernel.install("/bin/web", mode: 0o755)
        kernel.install("/logs/keep")
        kernel.install("/run/state/keep")
        kernel.letProcessesOutliveTheirParents()
        return kernel
    }

    private func start(_ kernel: VirtualKernel) throws -> (VirtualDaemon, Int32) {
        let daemon = VirtualDaemon(
            KilledDaemonTests.plan(), on: kernel, DaemonOptions(privateSocket: "/run/state/d.sock"))
        let status = try #require(daemon.awaitState("web", .running))
        try #require(
            daemon.wait { lines(kernel).contains { $0.hasPrefix("+") && $0.contains(" \(status.pid) ") } ? true : nil }
                != nil)
        return (daemon, status.pid)
    }

    private func lines(_ kernel: VirtualKernel) -> [Substring] {
        (kernel.text(of: Self.ledger) ?? "").split(separator: "\n")
    }

    /// The daemon is killed, and what it had open is closed.
    private func kill(_ kernel: VirtualKernel) throws {
        kernel.killCaller()
        try #require(kernel.waitUntilDead())
        kernel.passOn()
    }

    @Test func whatItHasLeftIsEndedBeforeAnythingStarts() throws {
        let kernel = machine()
        let (_, before) = try start(kernel)
        try kill(kernel)
        #expect(kernel.livingProcesses(of: "/bin/web") == [before])
        let (daemon, now) = try start(kernel)
        #expect(now != before)
        #expect(kernel.livingProcesses(of: "/bin/web") == [now])
        #expect(kernel.text(of: "/logs/main.log")?.contains("ending 1 processes that are left: \(before)") == true)
        #expect(daemon.shutDown() == 0)
        #expect(kernel.text(of: Self.ledger) == nil)
    }

    @Test func aStrangerWhoHasThePidIsLeftInPeace() throws {
        let kernel = machine()
        let (_, before) = try start(kernel)
        try kill(kernel)
        kernel.recycle(before)
        let (daemon, now) = try start(kernel)
        #expect(kernel.livingProcesses(of: "/bin/web") == [before, now])
        #expect(daemon.shutDown() == 0)
    }

    /// The end of one that is started anew is written down as well.
    @Test func oneThatHasEndedIsNoLongerInIt() throws {
        let kernel = machine()
        let (daemon, before) = try start(kernel)
        kernel.exit(before, .exited(code: 3))
        #expect(daemon.wait { lines(kernel).contains { $0.hasPrefix("-") } ? true : nil } != nil)
        #expect(daemon.shutDown() == 0)
    }

    @Test func itIsWrittenAnewBeforeItGetsLong() throws {
        let kernel = machine()
        let (daemon, first) = try start(kernel)
        var pid = first
        var longest = 0
        for _ in 0..<600 {
            kernel.exit(pid, .exited(code: 3))
            let before = pid
            pid = try #require(
                daemon.wait {
                    // Its clock stands still, and restarts that come too fast wait.
                    kernel.advance(milliseconds: 100)
                    return kernel.livingProcesses(of: "/bin/web").last.flatMap { $0 == before ? nil : $0 }
                })
            let now = pid
            #expect(daemon.wait { lines(kernel).contains { $0.contains(" \(now) ") } ? true : nil } != nil)
            longest = max(longest, lines(kernel).count)
        }
        #expect(longest > 500 && longest < 1100, "\(longest)")
        #expect(daemon.shutDown() == 0)
    }

    @Test func aFileThatOthersCanWriteSaysNothing() throws {
        let kernel = machine()
        let (_, before) = try start(kernel)
        try kill(kernel)
        try kernel.setMode(Self.ledger, 0o666)
        let (daemon, now) = try start(kernel)
        #expect(kernel.livingProcesses(of: "/bin/web") == [before, now])
        #expect(daemon.shutDown() == 0)
    }

    @Test func whereTheKernelEndsThemNothingIsWrittenDown() throws {
        let kernel = VirtualKernel()
        kernel.install("/bin/web", mode: 0o755)
        kernel.install("/logs/keep")
        kernel.install("/run/state/keep")
        let daemon = VirtualDaemon(
            KilledDaemonTests.plan(), on: kernel, DaemonOptions(privateSocket: "/run/state/d.sock"))
        try #require(daemon.awaitState("web", .running) != nil)
        #expect(daemon.shutDown() == 0)
        #expect(kernel.text(of: Self.ledger) == nil)
    }

    @Test func aDiskThatTakesNothingIsToldOnce() throws {
        let kernel = machine()
        kernel.fail("open", .noSpace, matching: Self.ledger, times: 100)
        let daemon = VirtualDaemon(
            KilledDaemonTests.plan(), on: kernel, DaemonOptions(privateSocket: "/run/state/d.sock"))
        try #require(daemon.awaitState("web", .running) != nil)
        func told() -> Int {
            (kernel.text(of: "/logs/main.log") ?? "").split(separator: "\n").filter {
                $0.contains("cannot write down what runs")
            }.count
        }
        #expect(daemon.wait { told() == 1 ? true : nil } != nil)
        #expect(daemon.shutDown() == 0)
        #expect(told() == 1)
    }
}
