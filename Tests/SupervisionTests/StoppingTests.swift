import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("Stopping")
struct StoppingTests {
    private func running(_ policy: ProgramPolicy) -> Script {
        var script = Script(policy)
        script.request(.start(process(policy.name), waits: false))
        script.advance(5)
        _ = script.take()
        return script
    }

    @Test("the stop signal, a report every 2 s while somebody waits, the answer when it has ended")
    func stop() {
        var script = running(program("a"))
        script.request(.stop(process("a"), waits: true))
        #expect(
            script.take() == ["a RUNNING>STOPPING pid:101", "signal a SIGTERM main", "INFO waiting for a to stop"])
        script.advance(4.5)
        #expect(script.take() == ["INFO waiting for a to stop", "INFO waiting for a to stop"])
        script.die("a", of: .terminate)
        #expect(
            script.take() == ["a STOPPING>STOPPED pid:101", "WARN stopped: a (terminated by SIGTERM)", "reply 3 done"])
        #expect(script.machine.nextDeadline == nil)
        #expect(script.status("a")?.exitStatus == -1)
        #expect(script.status("a")?.pid == 0)
    }

    @Test("an end with an expected code is logged as INFO")
    func stoppedExpected() {
        var script = running(program("a", exitcodes: [0, 7]))
        script.request(.stop(process("a"), waits: false))
        #expect(script.take() == ["a RUNNING>STOPPING pid:101", "signal a SIGTERM main", "reply 3 done"])
        script.exit("a", 7)
        #expect(script.take() == ["a STOPPING>STOPPED pid:101", "INFO stopped: a (exit status 7)"])
        script.advance(100)
        #expect(script.state("a") == .stopped)
    }

    struct Scopes: Sendable {
        var stop: SignalScope
        var kill: SignalScope
    }

    @Test(
        "SIGKILL after stopwaitsecs, and again, each signal to its own scope",
        arguments: [
            Scopes(stop: .main, kill: .main), Scopes(stop: .main, kill: .processGroup),
            Scopes(stop: .processGroup, kill: .processGroup), Scopes(stop: .everything, kill: .everything),
        ])
    func escalation(scopes: Scopes) {
        var script = running(
            program("a") {
                $0.stopSignal = .interrupt
                $0.stopTimeout = .seconds(3)
                $0.stopScope = scopes.stop
                $0.killScope = scopes.kill
            })
        script.request(.stop(process("a"), waits: false))
        #expect(
            script.take() == ["a RUNNING>STOPPING pid:101", "signal a SIGINT \(scopes.stop)", "reply 3 done"])
        for _ in 0..<3 {
            #expect(script.wait == 3)
            script.advance(3)
            #expect(script.take() == ["WARN killing 'a' (101) with SIGKILL", "signal a SIGKILL \(scopes.kill)"])
        }
        script.die("a", of: .kill)
        #expect(script.take() == ["a STOPPING>STOPPED pid:101", "WARN stopped: a (terminated by SIGKILL)"])
        #expect(script.machine.nextDeadline == nil)
    }

    @Test("stopwaitsecs=0 kills at once, then once a second; an infinite one never")
    func extremeTimeouts() {
        var script = running(program("a") { $0.stopTimeout = .zero })
        script.request(.stop(process("a"), waits: false))
        #expect(script.wait == 0)
        _ = script.take()
        script.advance(2.5)
        #expect(script.take().filter { $0.hasPrefix("signal") }.count == 3)

        var patient = running(program("a") { $0.stopTimeout = .infinity })
        patient.request(.stop(process("a"), waits: false))
        #expect(patient.machine.nextDeadline == nil)
    }

    @Test("the debug log has the words of the original")
    func debugLog() {
        var script = running(program("a") { $0.killScope = .processGroup })
        script.showDebug()
        script.request(.stop(process("a"), waits: false))
        script.advance(10)
        #expect(
            script.take() == [
                "DEBG killing a (pid 101) with signal SIGTERM", "a RUNNING>STOPPING pid:101", "signal a SIGTERM main",
                "reply 3 done", "WARN killing 'a' (101) with SIGKILL",
                "DEBG killing a (pid 101) process group with signal SIGKILL", "signal a SIGKILL processGroup",
            ])
        script.request(.signal(process("a"), .hangUp))
        #expect(script.take() == ["DEBG sending a (pid 101) sig SIGHUP", "signal a SIGHUP main", "reply 4 done"])
    }

    @Test("stop in STARTING: who waits for the start hears ABNORMAL_TERMINATION")
    func stopStarting() {
        var script = Script(program("a"))
        script.request(.start(process("a"), waits: true))
        _ = script.take()
        script.request(.stop(process("a"), waits: true))
        #expect(
            script.take() == [
                "a STARTING>STOPPING pid:101", "signal a SIGTERM main", "reply 2 fault ABNORMAL_TERMINATION: a",
                "INFO waiting for a to stop",
            ])
        script.exit("a", 0)
        #expect(script.take() == ["a STOPPING>STOPPED pid:101", "INFO stopped: a (exit status 0)", "reply 3 done"])
    }

    @Test("stop in BACKOFF is immediate, and keeps the count of tries")
    func stopBackoff() {
        var script = Script(program("a", autostart: true))
        script.exit("a", 1)
        _ = script.take()
        script.request(.stop(process("a"), waits: true))
        #expect(script.take() == ["a BACKOFF>STOPPED pid:0", "reply 2 done"])
        #expect(script.machine.nextDeadline == nil)
        script.request(.start(process("a"), waits: false))
        #expect(script.take().contains("a STOPPED>STARTING tries:1"))
    }

    @Test("stop while a delayed restart is awaited is immediate")
    func stopAwaitingRestart() {
        var script = running(program("a", autorestart: .all) { $0.restartDelay = .afterExit(.seconds(5)) })
        script.exit("a", 0)
        #expect(script.state("a") == .exited)
        #expect(script.wait == 5)
        _ = script.take()
        script.request(.stop(process("a"), waits: true))
        #expect(script.take() == ["a EXITED>STOPPED pid:0", "reply 3 done"])
        #expect(script.machine.nextDeadline == nil)
    }

    @Test("what does not run cannot be stopped", arguments: ["stopped", "exited", "fatal", "stopping"])
    func notRunning(_ state: String) {
        var script = Script(program("a", retries: 0, autorestart: .none))
        if state != "stopped" { script.request(.start(process("a"), waits: false)) }
        switch state {
        case "exited":
            script.advance(1)
            script.exit("a", 0)
        case "fatal": script.exit("a", 0)
        case "stopping": script.request(.stop(process("a"), waits: false))
        default: break
        }
        #expect(script.state("a")?.name == state.uppercased())
        _ = script.take()
        script.request(.stop(process("a"), waits: true))
        #expect(script.take().map { $0.drop { $0 != "f" } } == ["fault NOT_RUNNING: a"])
    }

    @Test("a stop before the process exists is kept until it does")
    func stopUnborn() {
        var script = Script(program("a"))
        script.births["a"] = .hangs
        script.request(.start(process("a"), waits: false))
        script.request(.signal(process("a"), .hangUp))
        script.request(.signal(process("a"), .hangUp))
        _ = script.take()
        script.request(.stop(process("a"), waits: true))
        #expect(
            script.take() == ["a STARTING>STOPPING pid:0", "reply 2 done", "INFO waiting for a to stop"])
        script.answerSpawn("a")
        #expect(
            script.take() == ["INFO spawned: 'a' with pid 101", "signal a SIGHUP main", "signal a SIGTERM main"])
        #expect(script.status("a")?.pid == 101)
        script.die("a", of: .terminate)
        #expect(script.take().last == "reply 5 done")
    }

    @Test("a stop before the process exists is done when it never does", arguments: [false, true])
    func stopUnbornFails(inChild: Bool) {
        var script = Script(program("a"))
        script.births["a"] = .hangs
        script.request(.start(process("a"), waits: true))
        script.request(.stop(process("a"), waits: true))
        _ = script.take()
        script.answerSpawn("a", SpawnProblem("no memory", failedInChild: inChild))
        #expect(
            script.take()
                == (inChild
                    ? ["a STOPPING>STOPPED pid:0", "WARN stopped: a (exit status 127)", "reply 3 done"]
                    : ["INFO spawnerr: no memory", "a STOPPING>STOPPED pid:0", "reply 3 done"]))
        #expect(script.machine.nextDeadline == nil)
    }

    @Test("a creation that hangs is given up after the stop time-out; born late, it is killed")
    func hangingBirth() {
        var script = Script(program("a"))
        script.births["a"] = .hangs
        script.request(.start(process("a"), waits: false))
        script.request(.stop(process("a"), waits: true))
        _ = script.take()
        script.advance(10)
        let text = "a was stopped before its process existed, and its creation still hangs"
        #expect(script.take().suffix(3) == ["a STOPPING>UNKNOWN", "CRIT \(text)", "reply 3 fault FAILED: \(text)"])
        #expect(script.machine.nextDeadline == nil)
        script.request(.start(process("a"), waits: true))
        #expect(script.take().last == "reply 4 fault FAILED: a is in an unknown process state")
        script.request(.removeGroup("a"))
        #expect(script.take() == ["reply 5 fault STILL_RUNNING: a"])
        script.answerSpawn("a")
        #expect(
            script.take() == [
                "INFO spawned: 'a' with pid 101", "WARN killing 'a' (101) with SIGKILL", "signal a SIGKILL main",
            ])
        script.die("a", of: .kill)
        #expect(script.take() == ["a UNKNOWN>STOPPED pid:101", "WARN stopped: a (terminated by SIGKILL)"])
    }

    @Test("however short the stop time-out is, a creation may take five seconds")
    func shortTimeoutUnborn() {
        var script = Script(program("a") { $0.stopTimeout = .zero })
        script.births["a"] = .hangs
        script.request(.start(process("a"), waits: false))
        script.request(.stop(process("a"), waits: false))
        script.advance(4.9)
        #expect(script.state("a") == .stopping)
        script.answerSpawn("a")
        #expect(script.take().last == "signal a SIGTERM main")
        #expect(script.wait == 0)
    }

    @Test("a signal that cannot be sent makes it UNKNOWN, and the stop FAILED")
    func signalFails() {
        var script = running(program("a", autorestart: .none))
        script.request(.stop(process("a"), waits: true))
        _ = script.take()
        if let run = script.runs["a"] { script.tell(.signalFailed(run, .terminate, reason: "EPERM")) }
        #expect(
            script.take() == [
                "CRIT unknown problem killing a (101):EPERM", "a STOPPING>UNKNOWN",
                "reply 3 fault FAILED: unknown problem killing a (101):EPERM",
            ])
        script.request(.signal(process("a"), .hangUp))
        #expect(script.take() == ["reply 4 fault NOT_RUNNING: a"])
        script.exit("a", 0)
        #expect(script.take() == ["a UNKNOWN>STOPPED pid:101", "INFO stopped: a (exit status 0)"])

        var other = running(program("a", autorestart: .none))
        if let run = other.runs["a"] { other.tell(.signalFailed(run, .hangUp, reason: "EPERM")) }
        #expect(other.take() == ["CRIT unknown problem sending sig SIGHUP a (101):EPERM", "a RUNNING>UNKNOWN"])
        other.exit("a", 0)
        #expect(other.take() == ["a UNKNOWN>EXITED expected:1 pid:101", "INFO exited: a (exit status 0; expected)"])
    }

    @Test("nobody reports to a client that went away, and nobody answers it")
    func abandoned() {
        var script = running(program("a"))
        let request = script.request(.stop(process("a"), waits: true))
        script.tell(.abandoned(request))
        _ = script.take()
        script.advance(9)
        #expect(script.take() == [])
        script.exit("a", 0)
        #expect(script.take() == ["a STOPPING>STOPPED pid:101", "INFO stopped: a (exit status 0)"])
    }

    @Test("stragglers get the stop signal, SIGKILL when the leader needed it, and only where they shall end")
    func stragglers() {
        var keeps = running(program("a"))
        #expect(keeps.runs["a"].flatMap(keeps.machine.stragglerSignal) == nil)
        var script = running(program("a") { $0.endsStragglers = true })
        guard let run = script.runs["a"] else { return #expect(Bool(false)) }
        #expect(script.machine.stragglerSignal(of: run) == .terminate)
        script.request(.stop(process("a"), waits: false))
        script.advance(10)
        #expect(script.machine.stragglerSignal(of: run) == .kill)
        script.die("a", of: .kill)
        #expect(script.machine.stragglerSignal(of: run) == nil)
        keeps.exit("a", 0)
    }

    @Test("where the stop signal is for the leader alone and the rest is to be killed, stragglers get SIGKILL")
    func killedStragglers() {
        let script = running(
            program("a") {
                $0.killScope = .everything
                $0.endsStragglers = true
            })
        #expect(script.runs["a"].flatMap(script.machine.stragglerSignal) == .kill)
    }
}
