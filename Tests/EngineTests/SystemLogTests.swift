import Engine
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Testing

/// `stdout_syslog` and `stderr_syslog`: lines go to syslog, beside the log file.
@Suite(.serialized) struct SystemLogTests {
    static func plan(_ change: (inout Service) -> Void = { _ in }) -> Plan {
        var service = Service(name: Setting("web"), dialect: .supervisor)
        service.command = Setting(.words(["web"]))
        service.readiness = Setting(.executed)
        service.standardOutput = Setting(.file("/logs/web.out"))
        service.standardError = Setting(.null)
        service.supervisor.outputSyslog = Setting(true)
        service.supervisor.errorSyslog = Setting(true)
        change(&service)
        return Program.plan([service]) {
            $0.daemon.logFile = "/logs/main.log"
            $0.daemon.childLogDirectory = "/logs"
            $0.daemon.silent = true
        }
    }

    static func machine() -> VirtualKernel {
        let kernel = VirtualKernel()
        kernel.install("/bin/web", mode: 0o755)
        kernel.install("/logs/keep")
        return kernel
    }

    /// Pieces as the logger reads them, and the lines that syslog gets of them.
    static let rows: [(pieces: [String], lines: [String])] = [
        (["one\n"], ["web one"]),
        (["one\ntwo\n"], ["web one", "web two"]),
        (["par", "tial\n"], ["web partial"]),
        (["a\nb", "c\nd\n"], ["web a", "web bc", "web d"]),
        // Empty lines count between others, not at the end of a piece (supervisord 4.3).
        (["a\n\nb\n\n\n"], ["web a", "web ", "web b"]),
        (["\n"], ["web "]),
        (["a", "\n\n"], ["web a"]),
        (["no end"], ["web no end"]),
        (["  blanks  \n"], ["web   blanks  "]),
    ]

    @Test(arguments: rows) func linesAreWholeHoweverTheyCome(_ row: (pieces: [String], lines: [String])) throws {
        let kernel = Self.machine()
        let daemon = VirtualDaemon(Self.plan(), on: kernel)
        try #require(daemon.awaitState("web", .running) != nil)
        let pid = try #require(kernel.livingProcesses(of: "/bin/web").last)
        var written = ""
        for piece in row.pieces {
            _ = kernel.output(pid, piece)
            written += piece
            // One piece is read before the next one is written.
            try #require(daemon.wait { kernel.text(of: "/logs/web.out") == written ? true : nil } != nil)
        }
        kernel.exit(pid, .exited(code: 0))
        #expect(daemon.wait { kernel.systemLog == row.lines ? true : nil } != nil, "\(kernel.systemLog)")
        #expect(daemon.shutDown() == 0)
    }

    @Test func anOutputWithoutLogGoesThereToo() throws {
        let kernel = Self.machine()
        let daemon = VirtualDaemon(Self.plan(), on: kernel)
        try #require(daemon.awaitState("web", .running) != nil)
        let pid = try #require(kernel.livingProcesses(of: "/bin/web").last)
        #expect(kernel.output(pid, "trouble\n", toError: true) == 8)
        #expect(daemon.wait { kernel.systemLog == ["web trouble"] ? true : nil } != nil, "\(kernel.systemLog)")
        #expect(daemon.shutDown() == 0)
    }

    @Test func aCollectorThatHangsHoldsUpNoLog() throws {
        let kernel = Self.machine()
        let daemon = VirtualDaemon(Self.plan(), on: kernel)
        try #require(daemon.awaitState("web", .running) != nil)
        let pid = try #require(kernel.livingProcesses(of: "/bin/web").last)
        kernel.freeze("sendto", matching: "/dev/log")
        _ = kernel.output(pid, "one\n")
        #expect(kernel.waitUntilHeld("sendto", matching: "/dev/log"))
        _ = kernel.output(pid, "two\n")
        #expect(daemon.wait { kernel.text(of: "/logs/web.out") == "one\ntwo\n" ? true : nil } != nil)
        kernel.thaw("sendto", matching: "/dev/log")
        #expect(daemon.wait { kernel.systemLog == ["web one", "web two"] ? true : nil } != nil)
        #expect(daemon.shutDown() == 0)
    }

    @Test func lossesAreCountedAndToldOnce() throws {
        let kernel = Self.machine()
        let daemon = VirtualDaemon(Self.plan(), on: kernel)
        try #require(daemon.awaitState("web", .running) != nil)
        let pid = try #require(kernel.livingProcesses(of: "/bin/web").last)
        kernel.fail("sendto", .noEntry, matching: "/dev/log", times: 3)
        for number in 1...4 { _ = kernel.output(pid, "line \(number)\n") }
        #expect(daemon.wait { kernel.systemLog == ["web line 4"] ? true : nil } != nil)
        func told(_ text: String) -> Int {
            (kernel.text(of: "/logs/main.log") ?? "").split(separator: "\n").filter { $0.contains(text) }.count
        }
        #expect(daemon.wait { told("syslog takes lines again; 3 were dropped") == 1 ? true : nil } != nil)
        #expect(told("syslog does not take lines") == 1)
        #expect(daemon.shutDown() == 0)
    }

    /// The daemon's own log: whole lines with their stamps, as the original hands them to syslog(3).
    @Test func theMainLogGoesThereWhole() throws {
        let kernel = Self.machine()
        var plan = Self.plan()
        plan.daemon.logFile = nil
        plan.daemon.logToSyslog = true
        let daemon = VirtualDaemon(plan, on: kernel)
        try #require(daemon.awaitState("web", .running) != nil)
        func has(_ text: String) -> Bool? { kernel.systemLog.contains { $0.hasSuffix(text) } ? true : nil }
        #expect(daemon.wait { has(",000 INFO supervisord started with pid 100\n") } != nil, "\(kernel.systemLog)")
        #expect(daemon.wait { has("INFO spawned: 'web' with pid 101\n") } != nil, "\(kernel.systemLog)")
        #expect(daemon.shutDown() == 0)
    }

    /// The original answers this with HTTP 500.
    @Test func clearingWorksBesideSyslog() throws {
        let kernel = Self.machine()
        let daemon = VirtualDaemon(Self.plan(), on: kernel)
        try #require(daemon.awaitState("web", .running) != nil)
        let pid = try #require(kernel.livingProcesses(of: "/bin/web").last)
        _ = kernel.output(pid, "one\n")
        #expect(daemon.wait { kernel.text(of: "/logs/web.out") == "one\n" ? true : nil } != nil)
        let answer = try #require(daemon.ask(.clearProcessLogs(.process(group: "web", name: "web")))).answer
        guard case .done = answer else { Issue.record("\(answer)"); return }
        #expect(kernel.text(of: "/logs/web.out") == "")
        #expect(daemon.shutDown() == 0)
    }
}
