import Engine
import Foundation
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Testing

/// Reading the configuration again.
@Suite struct ConfigurationTests {
    @Test func whatIsReadIsKeptApartFromWhatRuns() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "exec sleep 1000", in: directory),
                        Program.shell("b", "exec sleep 1000", in: directory),
                    ])
                }) { trial in
                    trial.awaitState("a", .running)
                    let old = trial.status("a")?.pid
                    let fresh = Program.plan([
                        Program.shell("a", "exec sleep 2000", in: trial.directory),
                        Program.shell("c", "exec sleep 1000", in: trial.directory),
                    ])
                    trial.source.set(.success(fresh))
                    guard case .groupChanges(let changes) = trial.ask(.reread) else {
                        return trial.check(false, "reread")
                    }
                    trial.check(changes == GroupChanges(added: ["c"], changed: ["a"], removed: ["b"]), "\(changes)")
                    trial.check(trial.status("a")?.pid == old && trial.status("c") == nil, "nothing runs anew")
                    guard case .configuration(let plan, let active, _, _) = trial.ask(.configuration) else {
                        return trial.check(false, "configuration")
                    }
                    trial.check(plan.groups == fresh.groups && active == ["a", "b"], "\(active)")

                    func fault(_ request: ControlRequest) -> String {
                        if case .fault(let fault) = trial.ask(request) { fault.text } else { "done" }
                    }
                    trial.check(fault(.addGroup("c")) == "done", "add c")
                    trial.awaitState("c", .running)
                    trial.check(fault(.addGroup("c")) == "ALREADY_ADDED: c", "add c again")
                    trial.check(fault(.addGroup("b")) == "ALREADY_ADDED: b", "add b")
                    trial.check(fault(.addGroup("zz")) == "BAD_NAME: zz", "add zz")
                    trial.check(fault(.supervise(.removeGroup("b"))) == "STILL_RUNNING: b", "remove b")
                    trial.ask(.supervise(.stop(.group("b"), waits: true)))
                    trial.check(fault(.supervise(.removeGroup("b"))) == "done", "remove b")
                    trial.check(trial.status("b") == nil, "b is gone")
                    trial.check(fault(.addGroup("b")) == "BAD_NAME: b", "b is in no file any more")

                    trial.source.set(.failure(Failure(.badConfiguration, code: "x", "cannot parse that")))
                    trial.check(fault(.reread) == "CANT_REREAD: cannot parse that", "broken")
                })
        }
        tell(result)
    }

    @Test func filesAreReadOnlyWhenTheyChanged() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    let kernel = HostKernel()
                    try? kernel.writeFileAtomically(directory + "/a.conf", Array("1".utf8), mode: 0o644)
                    _ = try? kernel.makeDirectories(directory + "/conf.d", mode: 0o755)
                    return Program.plan([Program.shell("a", "exec sleep 1000", in: directory)]) {
                        $0.files = [directory + "/a.conf"]
                        $0.patterns = [directory + "/conf.d/*.conf"]
                    }
                }) { trial in
                    func look() -> Staleness? {
                        if case .staleness(let found) = trial.ask(.staleness) { found } else { nil }
                    }
                    // Files that were just written are looked at twice: their time stamps cannot be trusted yet.
                    trial.pause(milliseconds: 2100)
                    trial.check(look()?.changes.isEmpty == true, "nothing changed")
                    let settled = trial.source.loadCount
                    for _ in 0..<3 { _ = look() }
                    trial.check(trial.source.loadCount == settled, "no reading without a change")

                    var fresh = Program.plan([Program.shell("a", "exec sleep 2", in: trial.directory)])
                    fresh.files = [trial.directory + "/a.conf"]
                    fresh.patterns = [trial.directory + "/conf.d/*.conf"]
                    trial.source.set(.success(fresh))
                    try? trial.kernel.writeFileAtomically(
                        trial.directory + "/conf.d/b.conf", Array("2".utf8), mode: 0o644)
                    trial.check(look()?.changes.changed == ["a"], "a new file is seen")
                    guard case .configuration(let plan, _, _, _) = trial.ask(.configuration) else { return }
                    trial.check(plan.groups != fresh.groups, "looking is not rereading")

                    trial.source.set(.failure(Failure(.badConfiguration, code: "x", "no good")))
                    try? trial.kernel.writeFileAtomically(trial.directory + "/a.conf", Array("12".utf8), mode: 0o644)
                    trial.check(look()?.problem == "no good", "a broken file is told")
                })
        }
        tell(result)
    }

    @Test func restartBeginsAnewInTheSameProcess() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([Program.shell("a", "exec sleep 1000", in: directory)]) {
                        $0.daemon.pidFile = directory + "/d.pid"
                        $0.daemon.listeners = [
                            ListenerSettings(
                                section: "unix_http_server",
                                address: .unix(path: directory + "/s.sock", mode: 0o700, owner: nil))
                        ]
                    }
                }) { trial in
                    guard let old = trial.awaitState("a", .running) else { return }
                    let generation = trial.engine?.snapshot.generation ?? 0

                    trial.source.set(.failure(Failure(.badConfiguration, code: "x", "cannot parse that")))
                    guard case .fault(let fault) = trial.ask(.supervise(.restart)) else {
                        return trial.check(false, "a broken configuration restarts nothing")
                    }
                    trial.check(fault.code == .cantReread, fault.text)
                    trial.check(trial.status("a")?.pid == old.pid, "a goes on")
                    trial.awaitText("main.log", containing: "everything goes on as before")

                    var fresh = Program.plan([Program.shell("b", "exec sleep 1000", in: trial.directory)])
                    fresh.daemon = trial.daemonSettings
                    trial.source.set(.success(fresh))
                    guard case .done = trial.ask(.supervise(.restart)) else { return trial.check(false, "restart") }
                    trial.awaitState("b", .running)
                    trial.check(trial.status("a") == nil, "a is gone")
                    trial.check(trial.text("d.pid") == "\(trial.kernel.processID)\n", "pidfile")
                    let connection = try? trial.kernel.connectUnix(trial.directory + "/s.sock")
                    trial.check(connection != nil, "the socket is there again")
                    _ = generation
                })
        }
        tell(result)
    }

    @Test func aDeletedSocketIsMadeAgain() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let path = "/tmp/svi-engine-\(ProcessInfo.processInfo.processIdentifier)/p.sock"
            exit(
                Trial.run(
                    options: DaemonOptions(privateSocket: path),
                    { directory in
                        Program.plan([Program.shell("a", "exec sleep 1000", in: directory)])
                    }
                ) { trial in
                    trial.awaitState("a", .running)
                    let path = trial.directory + "/p.sock"
                    trial.check((try? trial.kernel.status(of: path, followLinks: false))?.mode == 0o600, "mode")
                    try? trial.kernel.unlink(path)
                    trial.ask(.staleness)
                    trial.wait(for: "the socket") { try? trial.kernel.connectUnix(path) }
                    let before = trial.engine.map { ObjectIdentifier($0 as AnyObject) }
                    trial.ask(.supervise(.restart))
                    trial.wait(for: "the next life") {
                        trial.engine.flatMap { ObjectIdentifier($0 as AnyObject) == before ? nil : $0 }
                    }
                    trial.wait(for: "the socket of the next life") { try? trial.kernel.connectUnix(path) }
                })
        }
        tell(result)
    }

    /// While one is made again, a restart begins: its own socket is neither in the way nor left behind.
    @Test func aSocketThatIsMadeAgainWhileTheDaemonRestarts() throws {
        let kernel = SystemLogTests.machine()
        kernel.install("/run/keep")
        let path = "/run/s.sock"
        let plan = SystemLogTests.plan {
            $0.supervisor.outputSyslog = nil
            $0.supervisor.errorSyslog = nil
        }
        var listening = plan
        listening.daemon.listeners = [
            ListenerSettings(section: "unix_http_server", address: .unix(path: path, mode: 0o700, owner: nil))
        ]
        let daemon = VirtualDaemon(listening, on: kernel)
        let first = try #require(daemon.awaitState("web", .running))
        kernel.erase(path)
        kernel.freeze("bind", matching: path)
        daemon.submit(.staleness) { _ in }
        try #require(kernel.waitUntilHeld("bind", matching: path))
        daemon.submit(.supervise(.restart)) { _ in }
        _ = daemon.wait(milliseconds: 200) { () -> Int? in nil }
        kernel.thaw("bind", matching: path)
        #expect(
            daemon.wait {
                kernel.advance(milliseconds: 10)
                return daemon.status("web").flatMap { $0.state == .running && $0.pid != first.pid ? $0 : nil }
            } != nil)
        #expect(kernel.text(of: "/logs/main.log")?.contains("already listens") == false)
        #expect(daemon.shutDown() == 0)
        #expect(kernel.quietStatus(of: path) == nil)
    }
}
