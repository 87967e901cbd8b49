import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Testing

/// What a program finds when it starts, and what is said when it cannot.
@Suite struct SpawningTests {
    @Test func environmentIsSupervisords() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "env; echo done; exec sleep 1000", in: directory) {
                            $0.environment = [
                                EnvironmentVariable("MINE", Setting("own value")),
                                EnvironmentVariable("SUPERVISOR_GROUP_NAME", Setting("overridden")),
                                EnvironmentVariable("BOTH", Setting("program")),
                            ]
                        }
                    ]) {
                        $0.daemon.environment = [
                            EnvironmentVariable("BOTH", Setting("daemon")),
                            EnvironmentVariable("THEIRS", Setting("yes")),
                        ]
                        $0.daemon.listeners = [
                            ListenerSettings(section: "inet_http_server", address: .tcp(host: "127.0.0.1", port: 0)),
                            ListenerSettings(
                                section: "unix_http_server",
                                address: .unix(path: directory + "/s.sock", mode: 0o700, owner: nil)),
                        ]
                    }
                }) { trial in
                    trial.awaitText("a.out", containing: "done")
                    let lines = Set(trial.text("a.out").split(separator: "\n").map(String.init))
                    for expected in [
                        "SUPERVISOR_ENABLED=1", "SUPERVISOR_PROCESS_NAME=a", "SUPERVISOR_GROUP_NAME=overridden",
                        "SUPERVISOR_SERVER_URL=unix://\(trial.directory)/s.sock", "MINE=own value", "BOTH=program",
                        "THEIRS=yes",
                    ] {
                        trial.check(lines.contains(expected), "\(expected) in \(lines)")
                    }
                })
        }
        tell(result)
    }

    @Test func directoryAndUmaskAreTheProgramsOwn() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "pwd; umask; echo done; exec sleep 1000", in: directory) {
                            $0.workingDirectory = Setting("/usr")
                            $0.umask = Setting(0o027)
                        }
                    ])
                }) { trial in
                    trial.awaitText("a.out", containing: "done")
                    trial.check(trial.text("a.out") == "/usr\n0027\ndone\n", trial.text("a.out"))
                })
        }
        tell(result)
    }

    @Test(.enabled(if: HostKernel().userID == 0))
    func userIsTakenFromTheUserDatabase() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "id -un; id -G; echo done; exec sleep 1000", in: directory) {
                            $0.user = Setting("nobody")
                        },
                        Program.shell("b", "true", in: directory) { $0.user = Setting("no-such-user") },
                    ])
                }) { trial in
                    trial.awaitText("a.out", containing: "done")
                    trial.check(trial.text("a.out") == "nobody\n65534\ndone\n", trial.text("a.out"))
                    trial.awaitText(
                        "b.err",
                        containing: "supervisor: couldn't setuid to no-such-user: Can't find username 'no-such-user'\n"
                            + "supervisor: child process was not spawned\n")
                })
        }
        tell(result)
    }

    @Test func failuresAreToldInSupervisordsWords() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    func program(_ name: String, _ change: (inout Service) -> Void) -> Service {
                        Program.shell(name, "true", in: directory) {
                            $0.readiness = Setting(.alive(.seconds(1)))
                            $0.giveUp = Setting(.earlyExits(1))
                            change(&$0)
                        }
                    }
                    return Program.plan([
                        program("missing") { $0.command = Setting(.words(["/no/such"])) },
                        program("folder") { $0.command = Setting(.words(["/usr"])) },
                        program("plain") { $0.command = Setting(.words(["/etc/passwd"])) },
                        program("quote") {
                            $0.command = Setting(.malformed(text: "sh -c 'x", reason: "No closing quotation"))
                        },
                        program("nowhere") { $0.workingDirectory = Setting("/no/such/dir") },
                        program("interpreter") { $0.command = Setting(.words(["\(directory)/script"])) },
                        program("nolog") { $0.standardOutput = Setting(.file("/no/such/dir/x.log")) },
                    ]) { _ in
                        let kernel = HostKernel()
                        try? kernel.writeFileAtomically(
                            directory + "/script", Array("#!/no/such\n".utf8), mode: 0o755)
                    }
                }) { trial in
                    func failed(_ name: String, _ text: String) {
                        let status = trial.awaitState(name, .fatal)
                        trial.check(status?.spawnError == text, "\(name): \(status?.spawnError ?? "")")
                    }
                    failed("missing", "can't find command '/no/such'")
                    failed("folder", "command at '/usr' is a directory")
                    failed("plain", "command at '/etc/passwd' is not executable")
                    failed("quote", #"can't parse command "sh -c 'x": No closing quotation"#)
                    failed("nolog", "unknown error making dispatchers for 'nolog': ENOENT")
                    failed("nowhere", "Exited too quickly (process log may have details)")
                    failed("interpreter", "Exited too quickly (process log may have details)")
                    trial.awaitText(
                        "nowhere.err",
                        containing: "supervisor: couldn't chdir to /no/such/dir: ENOENT\n"
                            + "supervisor: child process was not spawned\n")
                    trial.awaitText(
                        "interpreter.err", containing: "supervisor: couldn't exec \(trial.directory)/script: ENOENT\n")
                    let answer = trial.ask(.supervise(.start(.process(group: "missing", name: "missing"), waits: true)))
                    guard case .fault(let fault) = answer else { return trial.check(false, "\(answer)") }
                    trial.check(fault.code == .noFile, fault.text)
                })
        }
        tell(result)
    }

    @Test func standardInputIsAPipe() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("echo", "read x; echo \"got $x\"; exec sleep 1000", in: directory),
                        Program.shell("deaf", "exec sleep 1000", in: directory),
                        Program.shell("off", "true", in: directory) { $0.startsAtLoad = Setting(false) },
                    ])
                }) { trial in
                    trial.awaitState("echo", .running)
                    trial.awaitState("deaf", .running)
                    func write(_ name: String, _ bytes: [UInt8]) -> String {
                        let target = Target(namespec: name)
                        switch trial.ask(.writeInput(target, bytes: bytes)) {
                        case .done: return "done"
                        case .fault(let fault): return fault.text
                        case let other: return "\(other)"
                        }
                    }
                    trial.check(write("echo", Array("word\n".utf8)) == "done", "echo")
                    trial.awaitText("echo.out", containing: "got word")
                    trial.check(write("off", [1]) == "NOT_RUNNING: off", "off")
                    trial.check(write("zz", [1]) == "BAD_NAME: zz", "zz")
                    let big = [UInt8](repeating: 65, count: 900_000)
                    trial.check(write("deaf", big) == "done", "first")
                    trial.check(write("deaf", big).hasPrefix("FAILED: "), "second")
                })
        }
        tell(result)
    }
}
