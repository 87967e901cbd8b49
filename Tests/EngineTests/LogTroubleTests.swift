import Engine
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Testing

/// Disks that are full, files that cannot be renamed: said once, and the program goes on.
@Suite(.serialized) struct LogTroubleTests {
    /// A daemon with the program `web`, whose log is `/logs/web.out`, and its pid.
    private func start(_ rotation: LogRotation, _ kernel: VirtualKernel) throws -> (VirtualDaemon, Int32) {
        let plan = SystemLogTests.plan {
            $0.supervisor.outputSyslog = nil
            $0.supervisor.errorSyslog = nil
            $0.outputRotation = Setting(rotation)
        }
        let daemon = VirtualDaemon(plan, on: kernel)
        try #require(daemon.awaitState("web", .running) != nil)
        return (daemon, try #require(kernel.livingProcesses(of: "/bin/web").last))
    }

    private func lines(_ kernel: VirtualKernel, with text: String) -> Int {
        (kernel.text(of: "/logs/main.log") ?? "").split(separator: "\n").filter { $0.contains(text) }.count
    }

    /// Writes a line and waits until it was read.
    private func say(_ line: String, _ pid: Int32, _ daemon: VirtualDaemon, until isRead: () -> Bool) throws {
        _ = daemon.kernel.output(pid, line)
        try #require(daemon.wait { isRead() ? true : nil } != nil, "\(line)")
    }

    @Test func aFullDiskIsToldOnceAndGoneOnWith() throws {
        let kernel = SystemLogTests.machine()
        let (daemon, pid) = try start(LogRotation(maximumBytes: ByteSize(bytes: 0), backups: 0), kernel)
        kernel.fail("write", .noSpace, matching: "/logs/web.out", times: 3)
        for number in 1...3 {
            let before = kernel.count(of: "write")
            try say("lost \(number)\n", pid, daemon) { kernel.count(of: "write") > before }
        }
        try say("kept\n", pid, daemon) { kernel.text(of: "/logs/web.out") == "kept\n" }
        #expect(daemon.wait { lines(kernel, with: "is logged again; 21 bytes were lost") == 1 ? true : nil } != nil)
        #expect(lines(kernel, with: "cannot be logged") == 1)
        #expect(daemon.shutDown() == 0)
    }

    /// Its log is closed and opened again meanwhile.
    @Test func aLossThatOutlivesARestartIsToldOnceAndCountedToItsEnd() throws {
        let kernel = SystemLogTests.machine()
        let (daemon, pid) = try start(LogRotation(maximumBytes: ByteSize(bytes: 0), backups: 0), kernel)
        kernel.fail("write", .noSpace, matching: "/logs/web.out", times: 2)
        try say("lost\n", pid, daemon) { lines(kernel, with: "cannot be logged") == 1 }
        kernel.exit(pid, .exited(code: 3))
        let next = try #require(
            daemon.wait { kernel.livingProcesses(of: "/bin/web").last.flatMap { $0 == pid ? nil : $0 } })
        let before = kernel.count(of: "write")
        try say("lost too\n", next, daemon) { kernel.count(of: "write") > before }
        try say("kept\n", next, daemon) { kernel.text(of: "/logs/web.out") == "kept\n" }
        #expect(daemon.wait { lines(kernel, with: "is logged again; 14 bytes were lost") == 1 ? true : nil } != nil)
        #expect(lines(kernel, with: "cannot be logged") == 1)
        #expect(daemon.shutDown() == 0)
    }

    @Test func aLossThatIsNeverOverIsCountedAtTheEnd() throws {
        let kernel = SystemLogTests.machine()
        let (daemon, pid) = try start(LogRotation(maximumBytes: ByteSize(bytes: 0), backups: 0), kernel)
        kernel.fail("write", .noSpace, matching: "/logs/web.out", times: 100)
        try say("lost\n", pid, daemon) { lines(kernel, with: "cannot be logged") == 1 }
        #expect(daemon.shutDown() == 0)
        #expect(lines(kernel, with: "'/logs/web.out' could not be written to the end; 5 bytes were lost") == 1)
    }

    @Test func aFileThatCannotBeRenamedGrowsAndLosesNothing() throws {
        let kernel = SystemLogTests.machine()
        let (daemon, pid) = try start(LogRotation(maximumBytes: ByteSize(bytes: 10), backups: 2), kernel)
        kernel.fail("rename", .accessDenied, matching: "/logs/web.out", times: 100)
        var written = ""
        for number in 1...6 {
            written += "line number \(number)\n"
            try say("line number \(number)\n", pid, daemon) { kernel.text(of: "/logs/web.out") == written }
        }
        #expect(lines(kernel, with: "cannot be rotated and goes on growing") == 1)
        kernel.clearFaults()
        try say("the last one\n", pid, daemon) { kernel.text(of: "/logs/web.out.1") == written + "the last one\n" }
        #expect(daemon.shutDown() == 0)
    }

    @Test func withoutBackupsTheLossOfTheOlderHalfIsToldOnce() throws {
        let kernel = SystemLogTests.machine()
        let (daemon, pid) = try start(LogRotation(maximumBytes: ByteSize(bytes: 40), backups: 0), kernel)
        for number in 10..<40 {
            try say("line \(number)\n", pid, daemon) {
                kernel.text(of: "/logs/web.out")?.hasSuffix("\(number)\n") == true
            }
            #expect(kernel.text(of: "/logs/web.out").map(\.utf8.count) ?? 0 <= 40)
        }
        #expect(lines(kernel, with: "has no backups: its older half is dropped") == 1)
        #expect(daemon.shutDown() == 0)
    }
}
