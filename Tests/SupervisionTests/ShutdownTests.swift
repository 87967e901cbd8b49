import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("Shutdown and restart of the daemon")
struct ShutdownTests {
    private func running() -> Script {
        var script = Script([
            group("early", priority: 1, program("e", autostart: true)),
            group(
                "pair", priority: 5, program("low", priority: 1, autostart: true),
                program("high", priority: 9, autostart: true), program("high2", priority: 9, autostart: true)),
            group("late", priority: 9, program("l", autostart: true)),
        ])
        script.advance(2)
        _ = script.take()
        return script
    }

    @Test("groups stop one at a time from the highest priority down, inside a group all at once")
    func order() {
        var script = running()
        script.tell(.signalReceived(.shutdown, .terminate))
        #expect(
            script.take() == [
                "WARN received SIGTERM indicating exit request", "daemon STOPPING", "late:l RUNNING>STOPPING pid:105",
                "signal late:l SIGTERM main", "INFO waiting for e, low, high, high2, l to die",
            ])
        script.exit("late:l", 0)
        #expect(
            script.take() == [
                "late:l STOPPING>STOPPED pid:105", "INFO stopped: l (exit status 0)",
                "pair:high2 RUNNING>STOPPING pid:104", "signal pair:high2 SIGTERM main",
                "pair:high RUNNING>STOPPING pid:103", "signal pair:high SIGTERM main",
                "pair:low RUNNING>STOPPING pid:102", "signal pair:low SIGTERM main",
            ])
        script.advance(3)
        #expect(script.take() == ["INFO waiting for e, low, high, high2 to die"])
        for name in ["pair:low", "pair:high2"] { script.exit(name, 0) }
        #expect(!script.take().contains { $0.hasPrefix("signal") })
        script.exit("pair:high", 0)
        #expect(script.take().contains("signal early:e SIGTERM main"))
        script.advance(10)
        #expect(script.take().contains("signal early:e SIGKILL main"))
        script.die("early:e", of: .kill)
        #expect(
            script.take() == [
                "early:e STOPPING>STOPPED pid:101", "WARN stopped: e (terminated by SIGKILL)", "finished shutdown",
            ])
        #expect(script.machine.nextDeadline == nil)
        #expect(script.machine.daemonState == .shutdown)
    }

    @Test(
        "a request is answered first; afterwards every request is SHUTDOWN_STATE",
        arguments: [
            (Request.shutdown, DaemonState.shutdown, "shutdown"), (.restart, .restarting, "restart"),
        ])
    func requested(request: Request, state: DaemonState, end: String) {
        var script = Script(program("a", autostart: true))
        script.request(request)
        #expect(script.take().prefix(2) == ["reply 2 done", "daemon STOPPING"])
        #expect(script.machine.daemonState == state)
        let refused: [Request] = [
            .start(process("a"), waits: true), .stop(.all, waits: false), .signal(process("zz"), .hangUp), .shutdown,
            .restart, .addGroup(group("g")), .removeGroup("zz"),
        ]
        for request in refused {
            let id = script.request(request)
            #expect(script.take() == ["reply \(id.number) fault SHUTDOWN_STATE"])
        }
        script.exit("a", 0)
        #expect(script.take().last == "finished \(end)")
        let id = script.request(.shutdown)
        #expect(script.take() == ["reply \(id.number) fault SHUTDOWN_STATE"])
    }

    @Test("with nothing to stop it is over at once")
    func nothingToStop() {
        var script = Script(program("a"))
        script.tell(.signalReceived(.shutdown, .interrupt))
        #expect(
            script.take() == [
                "WARN received SIGINT indicating exit request", "daemon STOPPING", "finished shutdown",
            ])
    }

    @Test("the first report comes after the first group, even if that has nothing to stop")
    func firstReport() {
        var script = Script(program("x", priority: 1, autostart: true), program("y", priority: 2))
        script.tell(.signalReceived(.shutdown, .terminate))
        #expect(
            script.take().suffix(4) == [
                "daemon STOPPING", "INFO waiting for x to die", "x STARTING>STOPPING pid:101", "signal x SIGTERM main",
            ])
    }

    @Test("TERM during a restart wins; HUP during a shutdown is ignored, aloud")
    func signalsMeet() {
        var script = Script(program("a", autostart: true))
        script.tell(.signalReceived(.restart, .hangUp))
        #expect(script.take().first == "WARN received SIGHUP indicating restart request")
        #expect(script.machine.daemonState == .restarting)
        script.tell(.signalReceived(.shutdown, .terminate))
        #expect(script.take() == ["WARN received SIGTERM indicating exit request"])
        script.tell(.signalReceived(.restart, .hangUp))
        #expect(script.take() == ["WARN ignored SIGHUP indicating restart request (shutdown in progress)"])
        #expect(script.machine.daemonState == .shutdown)
        script.exit("a", 0)
        #expect(script.take().last == "finished shutdown")
    }

    @Test("BACKOFF becomes FATAL, and only when the turn of its group comes")
    func backoff() {
        var script = Script([
            group("first", priority: 1, program("b", autostart: true)),
            group("second", priority: 2, program("r", autostart: true)),
        ])
        script.exit("first:b", 1)
        _ = script.take()
        script.tell(.signalReceived(.shutdown, .quit))
        #expect(script.state("first:b") == .backoff)
        script.advance(2)
        #expect(!script.take().contains { $0.hasPrefix("spawn ") })
        script.exit("second:r", 0)
        #expect(script.take().suffix(2) == ["first:b BACKOFF>FATAL", "finished shutdown"])
    }

    @Test("nothing is started on the way down: not after an exit, not from a delayed restart, not at load")
    func nothingStarts() {
        var script = Script([
            group("low", priority: 1, program("x", autostart: true, startsecs: .zero, autorestart: .all)),
            group(
                "low2", priority: 1,
                program("y", autostart: true, startsecs: .zero, autorestart: .all) {
                    $0.restartDelay = .afterExit(.seconds(1))
                }),
            group("high", priority: 2, program("z", autostart: true)),
        ])
        script.exit("low2:y", 0)
        script.tell(.signalReceived(.shutdown, .terminate))
        script.exit("low:x", 0)
        script.advance(5)
        #expect(script.state("low:x") == .exited)
        #expect(script.state("low2:y") == .exited)
        script.exit("high:z", 0)
        #expect(script.take().last == "finished shutdown")

        var early = Script(program("a", autostart: true), started: false)
        early.tell(.signalReceived(.shutdown, .terminate))
        early.tell(.started)
        #expect(early.take().last == "finished shutdown")
    }

    @Test("starts that are still being checked are refused, those that wait are answered")
    func parkedStarts() {
        var script = Script([group("g", program("a"), program("b"), program("c"))])
        script.hangingChecks = ["g:a"]
        script.births["g:c"] = .hangs
        script.request(.start(process("g:c"), waits: true))
        script.request(.start(.group("g"), waits: true))
        _ = script.take()
        script.tell(.signalReceived(.shutdown, .terminate))
        let lines = script.take()
        #expect(lines.contains("reply 3 [g:a 6 SHUTDOWN_STATE, g:b 6 SHUTDOWN_STATE]"))
        #expect(lines.contains("reply 2 fault ABNORMAL_TERMINATION: g:c"))
        script.answerCheck("g:a")
        script.answerSpawn("g:c")
        script.die("g:c", of: .terminate)
        #expect(script.take().last == "finished shutdown")
        #expect(script.machine.nextDeadline == nil)
    }

    @Test("a creation that hangs does not hold up the shutdown for ever")
    func hangingBirth() {
        var script = Script(program("a"))
        script.births["a"] = .hangs
        script.request(.start(process("a"), waits: false))
        script.tell(.signalReceived(.shutdown, .terminate))
        script.advance(10)
        #expect(script.take().last == "finished shutdown")
    }

    @Test("states are in the log for those who look closely")
    func blather() {
        var script = Script(program("a", autostart: true))
        script.showDebug()
        script.tell(.signalReceived(.shutdown, .terminate))
        #expect(script.take().suffix(2) == ["INFO waiting for a to die", "BLAT a state: STOPPING"])
    }
}
