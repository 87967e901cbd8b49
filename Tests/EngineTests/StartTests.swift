import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Testing

/// Starts that fail: one line, an exit code, and whoever runs already is left alone.
@Suite struct StartTests {
    /// Automatic logs of earlier runs, by supervisord's pattern, and files that are none.
    static let leftOver = [
        "x-stdout---supervisor-abcdefgh.log.1", "foo---supervisor-abc.log.1", "x---supervisor-abc.log.txt",
        "a b---supervisor-c.log",
    ]
    static let strangers = [
        "foo---other-abc.log", "---supervisor-abc.log", "x---supervisor-a c.log", "x---supervisor-.log", "x.log",
    ]

    /// A daemon that must not come to life.
    static func fails(_ persona: DaemonOptions.Persona, _ plan: Plan) -> Int32 {
        let port = StubPort { exit(99) }
        return Daemon.run(DaemonOptions(persona: persona), source: StubSource(plan), port: port)
    }

    static func listening(on path: String, owner: String? = nil) -> Plan {
        Program.plan([]) {
            $0.daemon.silent = true
            $0.daemon.keepsOldChildLogs = true
            $0.daemon.listeners = [
                ListenerSettings(section: "unix_http_server", address: .unix(path: path, mode: 0o700, owner: owner))
            ]
        }
    }

    static func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test func aSocketPathThatIsTooLong() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            exit(StartTests.fails(.svinstall, StartTests.listening(on: "/tmp/" + String(repeating: "x", count: 200))))
        }
        #expect(Self.text(result).contains("has 205 bytes; the system allows 107; choose a shorter path\n"))
    }

    @Test func anotherDaemonOnTheSocket() async {
        let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
            let path = "/tmp/svi-taken-\(ProcessInfo.processInfo.processIdentifier).sock"
            let kernel = HostKernel()
            guard let taken = try? kernel.listenUnix(path, mode: 0o700, user: nil, group: nil) else { exit(98) }
            let code = StartTests.fails(.supervisord(name: "supervisord"), StartTests.listening(on: path))
            let isThere = (try? kernel.connectUnix(path)) != nil
            try? kernel.unlink(path)
            kernel.close(taken)
            exit(isThere ? code : 97)
        }
        #expect(
            Self.text(result).contains(
                "Error: Another program is already listening on a port that one of our HTTP servers is configured to "
                    + "use.  Shut this program down first before starting supervisord.\n"
                    + "For help, use supervisord -h\n"))
    }

    @Test func aStaleSocketIsReplaced() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    let kernel = HostKernel()
                    let path = directory + "/s.sock"
                    if let old = try? kernel.listenUnix(path, mode: 0o700, user: nil, group: nil) { kernel.close(old) }
                    return Program.plan([]) {
                        $0.daemon.listeners = StartTests.listening(on: path).daemon.listeners
                    }
                }) { trial in
                    trial.check((try? trial.kernel.connectUnix(trial.directory + "/s.sock")) != nil, "answers")
                })
        }
        #expect(Self.text(result).contains("Unlinking stale socket /tmp/svi-engine-"))
    }

    @Test func anEmptyFileInTheSocketsPlaceIsReplacedAndAFullOneIsNot() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    for name in ["s.sock", "full"] {
                        try? HostKernel().writeFileAtomically(
                            "\(directory)/\(name)", name == "full" ? [65] : [], mode: 0o600)
                    }
                    return Program.plan([]) {
                        $0.daemon.listeners = StartTests.listening(on: directory + "/s.sock").daemon.listeners
                    }
                }) { trial in
                    trial.check((try? trial.kernel.connectUnix(trial.directory + "/s.sock")) != nil, "answers")
                    let code = StartTests.fails(.svinstall, StartTests.listening(on: trial.directory + "/full"))
                    trial.check(code == 73, "\(code)")
                    trial.check(trial.text("full") == "A", "the file is as it was")
                })
        }
        #expect(!Self.text(result).contains("FAILED"))
    }

    @Test func aPrivateSocketThatCannotBeMadeIsSaidAndDoesNoHarm() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run(
                    options: DaemonOptions(privateSocket: "/proc/nobody/writes/here.sock"),
                    { directory in Program.plan([Program.shell("a", "exec sleep 1000", in: directory)]) }
                ) { trial in
                    trial.awaitState("a", .running)
                    trial.awaitText("main.log", containing: "WARN svinstall's own control socket is missing: ")
                })
        }
        tell(result)
    }

    @Test func signalsThatNobodySendsOnPurposeDoNotEndIt() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([Program.shell("a", "exec sleep 1000", in: directory)])
                }) { trial in
                    trial.awaitState("a", .running)
                    for name in ["PIPE", "XFSZ", "STKFLT", "RTMIN", "RTMAX"] {
                        guard let signal = Signal(named: name) else { continue }
                        try? trial.kernel.signal(pid: trial.kernel.processID, signal)
                    }
                    trial.ask(.staleness)
                    trial.check(trial.status("a")?.state == .running, "a runs")
                })
        }
        tell(result)
    }

    @Test func anUnknownUser() async {
        let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
            var plan = Program.plan([])
            plan.daemon.user = "no-such-user"
            exit(StartTests.fails(.supervisord(name: "/x/supervisord"), plan))
        }
        #expect(
            Self.text(result).contains("Error: Can't find username 'no-such-user'\nFor help, use /x/supervisord -h\n"))
    }

    @Test func aConfigurationThatCannotBeRead() async {
        let result = await #expect(processExitsWith: .exitCode(66), observing: [\.standardErrorContent]) {
            let source = StubSource(Plan())
            source.set(.failure(Failure(.noInput, code: "x", "there is no file /nope", remedy: "make one")))
            exit(Daemon.run(DaemonOptions(), source: source, port: StubPort {}))
        }
        #expect(Self.text(result).contains("svinstall: there is no file /nope; make one\n"))
    }

    @Test func aPidFileIsHeldByOneDaemon() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([]) { $0.daemon.pidFile = directory + "/d.pid" }
                }) { trial in
                    let path = trial.directory + "/d.pid"
                    trial.check(trial.text("d.pid") == "\(trial.kernel.processID)\n", "pid")
                    trial.check((try? trial.kernel.status(of: path, followLinks: false))?.mode == 0o644, "mode")
                    var plan = Program.plan([])
                    plan.daemon.pidFile = path
                    plan.daemon.silent = true
                    plan.daemon.keepsOldChildLogs = true
                    // A second one in this very process: the lock is the file's, not the process's.
                    let code = StartTests.fails(.svinstall, plan)
                    trial.check(code == 73, "\(code)")
                    trial.check(trial.text("d.pid") == "\(trial.kernel.processID)\n", "unharmed")
                })
        }
        let pid = "another daemon (pid "
        #expect(Self.text(result).contains(pid))
    }

    @Test func aSecondDaemonLeavesTheFirstOnesFilesAlone() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "echo x; exec sleep 1000", in: directory) {
                            $0.standardOutput = Setting(.automatic)
                        }
                    ]) { $0.daemon.listeners = StartTests.listening(on: directory + "/s.sock").daemon.listeners }
                }) { trial in
                    guard let log = trial.wait(for: "its log", { trial.program("a")?.outputLog }) else { return }
                    trial.awaitText(log, containing: "x\n")
                    trial.awaitText("main.log", containing: "entered RUNNING state")
                    let before = trial.text("main.log")
                    var second = Program.plan([])
                    second.daemon = trial.daemonSettings
                    let code = StartTests.fails(.svinstall, second)
                    trial.check(code == 73, "\(code)")
                    trial.check(trial.text(log) == "x\n", "the automatic log is there")
                    trial.check(trial.text("main.log") == before, "nothing in its main log")
                    trial.check((try? trial.kernel.connectUnix(trial.directory + "/s.sock")) != nil, "it answers")
                })
        }
        #expect(Self.text(result).contains("another program already listens on"))
        #expect(!Self.text(result).contains("FAILED"))
    }

    @Test func missingDirectoriesAreMadeAndOldAutomaticLogsGo() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    let kernel = HostKernel()
                    for name in StartTests.leftOver + StartTests.strangers {
                        try? kernel.writeFileAtomically("\(directory)/\(name)", [65], mode: 0o600)
                    }
                    return Program.plan([Program.shell("a", "echo x; exec sleep 100", in: directory + "/logs/deep")]) {
                        $0.directoriesToMake = [directory + "/logs/deep"]
                        $0.notices = [PlanNotice(.warning, "a notice")]
                    }
                }) { trial in
                    trial.awaitText("logs/deep/a.out", containing: "x")
                    let made = try? trial.kernel.status(of: trial.directory + "/logs/deep", followLinks: false)
                    trial.check(made?.mode == 0o755, "mode")
                    let log = trial.text("main.log")
                    let said = "CRIT made the missing directory \(trial.directory)/logs/deep (mode 0755)\n"
                    trial.check(log.contains(said), log)
                    trial.check(log.contains("WARN a notice\n"), log)
                    trial.check(log.contains("INFO supervisord started with pid \(trial.kernel.processID)\n"), log)
                    for name in StartTests.leftOver { trial.check(trial.text(name).isEmpty, "\(name) is left over") }
                    for name in StartTests.strangers { trial.check(trial.text(name) == "A", "\(name) is a stranger's") }
                })
        }
        tell(result)
    }
}
