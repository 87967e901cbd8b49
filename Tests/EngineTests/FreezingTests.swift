import Engine
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Testing

/// One program hangs in a call that a worker makes for it. Nobody else notices.
@Suite(.serialized) struct FreezingTests {
    struct Call: Sendable, CustomTestStringConvertible {
        var name: String
        var subject: String
        var testDescription: String { "\(name) \(subject)" }
    }

    static let calls = [
        Call(name: "stat", subject: "/bin/frozen"), Call(name: "access", subject: "/bin/frozen"),
        Call(name: "open", subject: "/logs/frozen.out"), Call(name: "getpwnam", subject: "frozen"),
        Call(name: "getgrouplist", subject: "frozen"), Call(name: "spawn", subject: "/bin/frozen"),
    ]

    static func machine() -> VirtualKernel {
        let kernel = VirtualKernel()
        for program in ["frozen", "other"] { kernel.install("/bin/\(program)", mode: 0o755) }
        kernel.install("/logs/keep")
        kernel.addUser("frozen", id: 77)
        return kernel
    }

    static var plan: Plan {
        func program(_ name: String) -> Service {
            var service = Service(name: Setting(name), dialect: .supervisor)
            service.command = Setting(.words([name]))
            service.readiness = Setting(.executed)
            service.restartOn = Setting(.all)
            service.restartDelay = Setting(RestartDelay.none)
            service.standardOutput = Setting(.file("/logs/\(name).out"))
            service.standardError = Setting(.sameAsOutput)
            return service
        }
        var frozen = program("frozen")
        frozen.startsAtLoad = Setting(false)
        frozen.user = Setting("frozen")
        return Program.plan([frozen, program("other")]) {
            $0.daemon.logFile = "/logs/main.log"
            $0.daemon.childLogDirectory = "/logs"
            $0.daemon.silent = true
        }
    }

    @Test(arguments: calls) func oneFrozenProgramHoldsUpNobody(_ call: Call) throws {
        let kernel = Self.machine()
        let daemon = VirtualDaemon(Self.plan, on: kernel)
        try #require(daemon.awaitState("other", .running) != nil)
        kernel.freeze(call.name, matching: call.subject)
        let frozen = Target.process(group: "frozen", name: "frozen")
        let stuck = AnswerBox()
        daemon.submit(.supervise(.start(frozen, waits: true))) { stuck.put($0) }
        #expect(kernel.waitUntilHeld(call.name, matching: call.subject))

        // The median: a busy machine may hold up anybody once.
        var restarts: [Int64] = []
        var answers: [Int64] = []
        for _ in 0..<9 {
            let pid = try #require(kernel.livingProcesses(of: "/bin/other").last)
            kernel.exit(pid, .exited(code: 1))
            restarts.append(
                try #require(daemon.time { kernel.livingProcesses(of: "/bin/other").last { $0 != pid } }).milliseconds)
            answers.append(try #require(daemon.ask(.readLog(.daemon, offset: 0, length: 10))).milliseconds)
        }
        #expect(restarts.sorted()[4] < 50)
        #expect(answers.sorted()[4] < 50)
        #expect(stuck.take() == nil)

        kernel.thaw(call.name, matching: call.subject)
        #expect(daemon.wait { stuck.take() } != nil)
        #expect(daemon.awaitState("frozen", .running) != nil)
        #expect(daemon.shutDown() == 0)
    }

    /// The pool replaces what hangs: more programs than there are workers hang, and one more still starts.
    @Test func moreFrozenProgramsThanWorkers() throws {
        let kernel = Self.machine()
        var services = Self.plan.groups.flatMap(\.services)
        for number in 0..<10 {
            var service = services[0]
            service.name = Setting("frozen\(number)")
            services.append(service)
        }
        var plan = Program.plan(services)
        plan.daemon = Self.plan.daemon
        let daemon = VirtualDaemon(plan, on: kernel)
        try #require(daemon.awaitState("other", .running) != nil)
        kernel.freeze("spawn", matching: "/bin/frozen")
        for number in 0..<10 {
            let name = "frozen\(number)"
            daemon.submit(.supervise(.start(.process(group: name, name: name), waits: true))) { _ in }
        }
        #expect(kernel.waitUntilHeld("spawn", matching: "/bin/frozen"))
        let pid = try #require(kernel.livingProcesses(of: "/bin/other").last)
        kernel.exit(pid, .exited(code: 1))
        let next = daemon.wait { () -> Int32? in
            kernel.advance(milliseconds: 20)
            return kernel.livingProcesses(of: "/bin/other").last { $0 != pid }
        }
        #expect(next != nil)
        kernel.thaw("spawn", matching: "/bin/frozen")
        #expect(daemon.awaitState("frozen9", .running) != nil)
        #expect(daemon.shutDown() == 0)
    }

    /// What takes long because the machine is busy keeps its place; what hangs loses it.
    @Test func birthsKeepTheirOrderForHalfASecond() throws {
        let kernel = Self.machine()
        kernel.freeze("spawn", matching: "/bin/frozen")
        var services = Self.plan.groups.flatMap(\.services)
        services[0].startsAtLoad = Setting(true)
        var plan = Program.plan(services)
        plan.daemon = Self.plan.daemon
        let daemon = VirtualDaemon(plan, on: kernel)
        #expect(kernel.waitUntilHeld("spawn", matching: "/bin/frozen"))
        for _ in 0..<10 {
            kernel.advance(milliseconds: 20)
            _ = daemon.ask(.readLog(.daemon, offset: 0, length: 10))
        }
        #expect(kernel.livingProcesses(of: "/bin/other").isEmpty)
        let next = daemon.wait { () -> Int32? in
            kernel.advance(milliseconds: 50)
            return kernel.livingProcesses(of: "/bin/other").last
        }
        #expect(next != nil)
        kernel.thaw("spawn", matching: "/bin/frozen")
        #expect(daemon.awaitState("frozen", .running) != nil)
        #expect(daemon.shutDown() == 0)
    }

    /// A disk that hangs holds up the logs and nothing else.
    @Test func aFrozenDiskHoldsUpNobody() throws {
        let kernel = Self.machine()
        let daemon = VirtualDaemon(Self.plan, on: kernel)
        try #require(daemon.awaitState("other", .running) != nil)
        let first = try #require(kernel.livingProcesses(of: "/bin/other").last)
        kernel.freeze("write", matching: "/logs/other.out")
        #expect(kernel.output(first, "word\n") == 5)
        #expect(kernel.waitUntilHeld("write", matching: "/logs/other.out"))
        kernel.exit(first, .exited(code: 1))
        let restart = try #require(daemon.time { kernel.livingProcesses(of: "/bin/other").last { $0 != first } })
        #expect(restart.milliseconds < 500)
        let answer = try #require(daemon.ask(.configuration, clockRuns: true))
        #expect(answer.milliseconds < 500)
        kernel.thaw("write", matching: "/logs/other.out")
        #expect(daemon.wait { kernel.text(of: "/logs/other.out") == "word\n" ? true : nil } != nil)
        #expect(daemon.shutDown() == 0)
    }
}
