import Engine
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Testing

/// A daemon is killed, a service manager has kept what it was given, and another daemon goes on.
@Suite(.serialized) struct KilledDaemonTests {
    /// A call in front of which the daemon is killed while it starts its program.
    struct Moment: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var call: String
        var text = ""
        var times = 1
    }

    /// Everything that a start does of which another daemon might know, in its order.
    static let moments = [
        Moment(testDescription: "before the way to the logs is made", call: "memfd_create"),
        Moment(testDescription: "before that is kept", call: "sendmsg"),
        Moment(testDescription: "before the record is made", call: "memfd_create", times: 2),
        Moment(testDescription: "before the record is written", call: "write", text: "/dev/memory"),
        Moment(testDescription: "before the pipes are kept", call: "sendmsg", times: 2),
        Moment(testDescription: "before the process", call: "spawn"),
        Moment(testDescription: "before its birth is written", call: "write", text: "/dev/memory", times: 2),
        Moment(testDescription: "before its handle is kept", call: "sendmsg", times: 3),
        Moment(testDescription: "before its end is watched", call: "epoll_ctl", text: "pid "),
    ]

    /// And of the way of a line from its pipe into its log.
    static let ways = [
        Moment(testDescription: "before it leaves its pipe", call: "splice"),
        Moment(testDescription: "before it is read", call: "read", text: "pipe"),
        Moment(testDescription: "before it is written", call: "write", text: "/logs/web.out"),
        Moment(testDescription: "after it was written", call: "splice", times: 2),
    ]

    static func machine(tellExits: Bool = true) -> VirtualKernel {
        let kernel = VirtualKernel()
        kernel.install("/bin/web", mode: 0o755)
        kernel.install("/logs/keep")
        kernel.keepDescriptors(tellExits: tellExits)
        return kernel
    }

    static func plan(_ change: (inout Service) -> Void = { _ in }) -> Plan {
        var service = Service(name: Setting("web"), dialect: .supervisor)
        service.command = Setting(.words(["web"]))
        service.readiness = Setting(.executed)
        service.restartOn = Setting(.unsuccessful)
        service.restartDelay = Setting(RestartDelay.none)
        service.standardOutput = Setting(.file("/logs/web.out"))
        service.standardError = Setting(.file("/logs/web.err"))
        change(&service)
        return Program.plan([service]) {
            $0.daemon.logFile = "/logs/main.log"
            $0.daemon.childLogDirectory = "/logs"
            $0.daemon.silent = true
        }
    }

    /// A daemon whose program runs, and its pid.
    private func start(_ plan: Plan, _ kernel: VirtualKernel) throws -> (VirtualDaemon, Int32) {
        let daemon = VirtualDaemon(plan, on: kernel)
        let status = try #require(daemon.awaitState("web", .running))
        #expect(kernel.settle())
        return (daemon, status.pid)
    }

    private func kill(_ kernel: VirtualKernel) throws {
        kernel.killCaller()
        try #require(kernel.waitUntilDead())
    }

    private func awaitLog(_ text: String, _ daemon: VirtualDaemon, _ path: String = "/logs/web.out") {
        #expect(daemon.wait { daemon.kernel.text(of: path) == text ? true : nil } != nil, "\(text)")
    }

    /// Waits for the main log to say something.
    private func awaitLine(_ part: String, _ daemon: VirtualDaemon) {
        let found = daemon.wait { daemon.kernel.text(of: "/logs/main.log")?.contains(part) == true ? true : nil }
        #expect(found != nil, "\(part)")
    }

    /// Names of runs in the service manager's store.
    private func keptRuns(_ kernel: VirtualKernel) -> Set<String> {
        Set(kernel.storedNames.filter { $0.hasPrefix("+") })
    }

    /// Only what runs is kept, and one way to the logs.
    private func awaitOneRunKept(_ daemon: VirtualDaemon) {
        let isSo = daemon.wait {
            keptRuns(daemon.kernel).count == 1 && Set(daemon.kernel.storedNames).count == 2 ? true : nil
        }
        #expect(isSo != nil, "\(daemon.kernel.storedNames)")
    }

    @Test(arguments: ways, [false, true]) func onTheWayToItsLogNoLineIsLostOrDoubled(
        _ moment: Moment, rotates: Bool
    ) throws {
        let plan = Self.plan {
            guard rotates else { return }
            $0.outputRotation = Setting(LogRotation(maximumBytes: ByteSize(bytes: 20), backups: 9))
        }
        let kernel = Self.machine()
        var (daemon, pid) = try start(plan, kernel)
        let logs = [9, 8, 7, 6, 5, 4, 3, 2, 1].map { "/logs/web.out.\($0)" } + ["/logs/web.out"]
        func text() -> String { logs.compactMap { kernel.text(of: $0) }.joined() }
        var written = ""
        for number in 1...6 {
            kernel.killCaller(before: moment.call, matching: moment.text, times: moment.times)
            for part in ["a", "b"] {
                #expect(kernel.output(pid, "same same \(number)\(part)\n") > 0)
                written += "same same \(number)\(part)\n"
                if moment.times == 2, part == "a" { #expect(daemon.wait { text() == written ? true : nil } != nil) }
            }
            try #require(kernel.waitUntilDead())
            kernel.passOn()
            let same = pid
            (daemon, pid) = try start(plan, kernel)
            #expect(pid == same)
            #expect(daemon.wait { text() == written ? true : nil } != nil, "\(text())")
        }
        #expect(daemon.shutDown() == 0)
        #expect(text() == written)
    }

    @Test(arguments: moments) func atEachStepOfAStartNoneRunsTwiceAndNoByteIsLost(_ moment: Moment) throws {
        let kernel = Self.machine()
        kernel.killCaller(before: moment.call, matching: moment.text, times: moment.times)
        _ = VirtualDaemon(Self.plan(), on: kernel)
        try #require(kernel.waitUntilDead())
        let before = kernel.livingProcesses()
        #expect(before.count <= 1)
        for pid in before { #expect(kernel.output(pid, "one\n") == 4) }

        kernel.passOn()
        let (daemon, pid) = try start(Self.plan(), kernel)
        #expect(kernel.livingProcesses() == [pid])
        if !before.isEmpty { #expect(before == [pid]) }
        #expect(kernel.output(pid, "two\n") == 4)
        awaitLog(before.isEmpty ? "two\n" : "one\ntwo\n", daemon)
        // Only what it needs is kept.
        awaitOneRunKept(daemon)
        #expect(daemon.shutDown() == 0)
        #expect(kernel.livingProcesses() == [])
        #expect(kernel.storedNames == [])
    }

    @Test func itGoesOnAsIfNothingHadHappenedSeveralTimes() throws {
        let kernel = Self.machine()
        var (daemon, pid) = try start(Self.plan(), kernel)
        let first = pid
        let began = try #require(daemon.status("web")?.started)
        var text = ""
        for number in 1...4 {
            #expect(kernel.output(pid, "line \(number)\n", toError: number > 2) > 0)
            if number <= 2 { text += "line \(number)\n" }
            try kill(kernel)
            #expect(kernel.output(pid, "meanwhile\n") > 0)
            text += "meanwhile\n"
            kernel.advance(milliseconds: 1500)
            kernel.passOn()
            (daemon, pid) = try start(Self.plan(), kernel)
            #expect(pid == first)
            awaitLog(text, daemon)
        }
        awaitLog("line 3\nline 4\n", daemon, "/logs/web.err")
        #expect(daemon.status("web")?.started == began)
        awaitLine("took up: 'web' with pid \(pid)", daemon)
        // Its input, too, is there still.
        _ = daemon.ask(.writeInput(.process(group: "web", name: "web"), bytes: Array("hello".utf8)))
        #expect(kernel.takeInput(of: pid) == "hello")
        #expect(daemon.shutDown() == 0)
        #expect(kernel.signals(to: pid) == [.terminate])
    }

    @Test(arguments: [true, false]) func anEndIsKnownWhereTheKernelTellsAndElseUnexpected(tellExits: Bool) throws {
        for code in [0, 3] as [Int32] {
            let kernel = Self.machine(tellExits: tellExits)
            let (_, pid) = try start(Self.plan(), kernel)
            try kill(kernel)
            kernel.passOn()
            let (daemon, same) = try start(Self.plan(), kernel)
            #expect(same == pid)
            #expect(kernel.output(pid, "last words\n") > 0)
            kernel.exit(pid, .exited(code: code))
            if tellExits, code == 0 {
                let status = try #require(daemon.awaitState("web", .exited))
                #expect(status.exitStatus == 0)
                #expect(kernel.livingProcesses() == [])
            } else {
                let fresh = try #require(kernel.waitForProcess(of: "/bin/web", otherThan: pid))
                #expect(daemon.wait { daemon.status("web")?.pid == fresh ? true : nil } != nil)
            }
            let words = tellExits ? "exit status \(code)" : "unknown termination cause"
            awaitLine("exited: web (\(words); \(tellExits && code == 0 ? "" : "not ")expected)", daemon)
            awaitLog("last words\n", daemon)
            #expect(daemon.shutDown() == 0)
            #expect(kernel.storedNames == [])
        }
    }

    @Test(arguments: [true, false]) func whatEndedWhileNobodyLookedIsSeen(tellExits: Bool) throws {
        let kernel = Self.machine(tellExits: tellExits)
        let (_, pid) = try start(Self.plan(), kernel)
        try kill(kernel)
        #expect(kernel.output(pid, "last words\n") > 0)
        kernel.exit(pid, .exited(code: 7))
        kernel.passOn()
        let daemon = VirtualDaemon(Self.plan(), on: kernel)
        let fresh = try #require(kernel.waitForProcess(of: "/bin/web", otherThan: pid))
        #expect(kernel.livingProcesses() == [fresh])
        awaitLog("last words\n", daemon)
        awaitLine(tellExits ? "exit status 7" : "unknown termination cause", daemon)
        #expect(daemon.wait { daemon.status("web")?.pid == fresh ? true : nil } != nil)
        #expect(daemon.shutDown() == 0)
    }

    @Test func killedWhileItsProgramEnds() throws {
        // Its end was seen, its place was taken, and the service manager was not told yet.
        let kernel = Self.machine()
        let (_, pid) = try start(Self.plan(), kernel)
        kernel.killCaller(before: "sendmsg", times: 1)
        #expect(kernel.output(pid, "last words\n") > 0)
        kernel.exit(pid, .exited(code: 7))
        try #require(kernel.waitUntilDead())
        kernel.passOn()
        let daemon = VirtualDaemon(Self.plan(), on: kernel)
        let fresh = try #require(kernel.waitForProcess(of: "/bin/web", otherThan: pid))
        #expect(daemon.wait { daemon.status("web").flatMap { $0.pid == fresh ? true : nil } } != nil)
        #expect(kernel.livingProcesses() == [fresh])
        awaitLog("last words\n", daemon)
        awaitOneRunKept(daemon)
        #expect(daemon.shutDown() == 0)
    }

    @Test func whatIsConfiguredOtherwiseNowIsStoppedByItsRuleAndStartedAnew() throws {
        let kernel = Self.machine()
        kernel.setProgram("/bin/web", VirtualProgram(ignores: [.interrupt]))
        let (_, pid) = try start(Self.plan(), kernel)
        try kill(kernel)
        #expect(kernel.output(pid, "old\n") > 0)
        kernel.passOn()
        let plan = Self.plan {
            $0.command = Setting(.words(["web", "--new"]))
            $0.stopSignal = Setting(.interrupt)
            $0.stopTimeout = Setting(.seconds(5))
        }
        let daemon = VirtualDaemon(plan, on: kernel)
        #expect(daemon.awaitState("web", .stopping)?.pid == pid)
        #expect(kernel.signals(to: pid) == [.interrupt])
        // It is stopped as long as its rule says, and answers to it.
        kernel.advance(milliseconds: 4900)
        #expect(kernel.settle())
        #expect(kernel.livingProcesses() == [pid])
        kernel.advance(milliseconds: 200)
        let fresh = try #require(kernel.waitForProcess(of: "/bin/web", otherThan: pid))
        #expect(kernel.signals(to: pid) == [.interrupt, .kill])
        #expect(kernel.livingProcesses() == [fresh])
        #expect(kernel.request(of: fresh)?.arguments == ["web", "--new"])
        awaitLog("old\n", daemon)
        #expect(daemon.wait { daemon.status("web")?.pid == fresh ? true : nil } != nil)
        awaitOneRunKept(daemon)
        #expect(daemon.shutDown() == 0)
        #expect(kernel.storedNames == [])
    }

    @Test func whatIsConfiguredOtherwiseAndDoesNotStartByItselfStaysDown() throws {
        let kernel = Self.machine()
        let (_, pid) = try start(Self.plan(), kernel)
        try kill(kernel)
        kernel.passOn()
        let plan = Self.plan {
            $0.command = Setting(.words(["web", "--new"]))
            $0.startsAtLoad = Setting(false)
        }
        let daemon = VirtualDaemon(plan, on: kernel)
        _ = try #require(daemon.awaitState("web", .stopped))
        #expect(kernel.signals(to: pid) == [.terminate])
        #expect(kernel.livingProcesses() == [])
        #expect(daemon.shutDown() == 0)
    }

    @Test func whatIsConfiguredNoMoreIsEnded() throws {
        let kernel = Self.machine()
        kernel.setProgram("/bin/web", VirtualProgram(ignores: [.terminate]))
        let (_, pid) = try start(Self.plan(), kernel)
        try kill(kernel)
        kernel.passOn()
        kernel.install("/bin/other", mode: 0o755)
        let plan = Self.plan {
            $0.name = Setting("other")
            $0.command = Setting(.words(["other"]))
        }
        let daemon = VirtualDaemon(plan, on: kernel)
        _ = try #require(daemon.awaitState("other", .running))
        #expect(kernel.groupSignals(to: pid) == [.terminate, .kill])
        #expect(kernel.livingProcesses(of: "/bin/web") == [])
        #expect(daemon.shutDown() == 0)
        #expect(kernel.storedNames == [])
    }

    @Test func aStoreThatIsFullOrDeafKeepsNobodyFromStarting() throws {
        for isDeaf in [true, false] {
            let kernel = Self.machine()
            kernel.keepDescriptors(isDeaf ? 1000 : 4)
            if isDeaf { kernel.fail("sendmsg", .again, times: 1000) }
            let (daemon, pid) = try start(Self.plan(), kernel)
            #expect(kernel.livingProcesses() == [pid])
            #expect(keptRuns(kernel) == [])
            #expect(daemon.shutDown() == 0)
        }
    }

    @Test func whereOutputCannotCrossItIsReadAsEver() throws {
        let kernel = Self.machine()
        kernel.fail("splice", .notSupported, times: 1000)
        let (daemon, pid) = try start(Self.plan(), kernel)
        for number in 1...3 { #expect(kernel.output(pid, "line \(number)\n") > 0) }
        awaitLog("line 1\nline 2\nline 3\n", daemon)
        #expect(daemon.shutDown() == 0)
    }

    @Test func noMoreIsKeptThanCanBePassedOn() throws {
        let kernel = Self.machine()
        kernel.keepDescriptors(100_000)
        #expect(kernel.descriptorStoreSize == 1024 - 64)
        try kernel.setLimit(LimitSetting(.openFiles, soft: nil, hard: nil))
        #expect(kernel.descriptorStoreSize == 100_000)
        try kernel.setLimit(LimitSetting(.openFiles, soft: 60, hard: 60))
        #expect(kernel.descriptorStoreSize == 0)
    }

    @Test func withoutAServiceManagerThatKeepsThemNothingIsKept() throws {
        let kernel = Self.machine()
        var environment = kernel.environment
        environment["SYSTEMD_EXEC_PID"] = "1"
        kernel.setEnvironment(environment)
        let (daemon, _) = try start(Self.plan(), kernel)
        #expect(kernel.count(of: "memfd_create") == 0)
        #expect(kernel.count(of: "sendmsg") == 0)
        #expect(daemon.shutDown() == 0)
    }
}
