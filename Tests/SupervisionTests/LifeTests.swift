import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("A program's life")
struct LifeTests {
    @Test("it starts at load, and is RUNNING exactly when startsecs have passed")
    func startsAndRuns() {
        var script = Script(program("a", autostart: true), started: false)
        #expect(script.take() == [])
        script.tell(.started)
        #expect(
            script.take() == [
                "daemon RUNNING", "a STOPPED>STARTING tries:0", "spawn a", "INFO spawned: 'a' with pid 101",
            ])
        #expect(script.wait == 1)
        script.advance(0.999_999_999)
        #expect(script.take() == [])
        script.advance(0.000_000_001)
        #expect(
            script.take() == [
                "a STARTING>RUNNING pid:101",
                "INFO success: a entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)",
            ])
        #expect(script.machine.nextDeadline == nil)
        #expect(script.status("a")?.pid == 101)
    }

    @Test("startsecs=0 makes it RUNNING when it is spawned")
    func startsecsZero() {
        var script = Script(program("a", startsecs: .zero))
        script.request(.start(process("a"), waits: true))
        #expect(
            script.take() == [
                "check a", "a STOPPED>STARTING tries:0", "spawn a", "INFO spawned: 'a' with pid 101",
                "a STARTING>RUNNING pid:101",
                "INFO success: a entered RUNNING state, process has stayed up for > than 0 seconds (startsecs)",
                "reply 2 done",
            ])
    }

    @Test("neither a stepped wall clock nor a sleeping machine is time that passes")
    func clocks() {
        var script = Script(program("a", autostart: true))
        script.disturbClocks(wall: -86_400_000_000_000, asleep: 3_600_000_000_000)
        script.advance(0.5)
        #expect(script.state("a") == .starting)
        script.disturbClocks(wall: 86_400_000_000_000 * 365, asleep: 0)
        script.advance(0.5)
        #expect(script.state("a") == .running)
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        var termination: Termination
        var autorestart: TerminationSet
        var line: String
        var expected: Bool
        var restarts: Bool
        var status: Int32
        var error: String
        var testDescription: String { line }
    }

    private static let unexpected = TerminationSet.codes([0]).inverted
    private static let endings = [
        Ending(
            termination: .exited(code: 0), autorestart: unexpected, line: "INFO exited: a (exit status 0; expected)",
            expected: true, restarts: false, status: 0, error: ""),
        Ending(
            termination: .exited(code: 0), autorestart: .all, line: "INFO exited: a (exit status 0; expected)",
            expected: true, restarts: true, status: 0, error: ""),
        Ending(
            termination: .exited(code: 3), autorestart: unexpected,
            line: "WARN exited: a (exit status 3; not expected)",
            expected: false, restarts: true, status: 3, error: "Bad exit code 3"),
        Ending(
            termination: .exited(code: 3), autorestart: .none, line: "WARN exited: a (exit status 3; not expected)",
            expected: false, restarts: false, status: 3, error: "Bad exit code 3"),
        Ending(
            termination: .signalled(.kill, coreDumped: false), autorestart: unexpected,
            line: "WARN exited: a (terminated by SIGKILL; not expected)", expected: false, restarts: true, status: -1,
            error: "Bad exit code -1"),
        Ending(
            termination: .signalled(.segmentationFault, coreDumped: true), autorestart: .none,
            line: "WARN exited: a (terminated by SIGSEGV (core dumped); not expected)", expected: false,
            restarts: false, status: -1, error: "Bad exit code -1"),
        Ending(
            termination: .unknown, autorestart: unexpected,
            line: "WARN exited: a (unknown termination cause; not expected)", expected: false, restarts: true,
            status: -1, error: "Bad exit code -1"),
    ]

    @Test("the end of a RUNNING program: EXITED, and STARTING again where autorestart says so", arguments: endings)
    func ending(_ ending: Ending) {
        var script = Script(program("a", autostart: true, autorestart: ending.autorestart))
        script.advance(5)
        _ = script.take()
        script.end("a", ending.termination)
        var lines = ["a RUNNING>EXITED expected:\(ending.expected ? 1 : 0) pid:101", ending.line]
        if ending.restarts {
            lines += ["a EXITED>STARTING tries:0", "spawn a", "INFO spawned: 'a' with pid 102"]
            #expect(script.status("a")?.spawnError == "")
        } else {
            #expect(script.status("a")?.exitStatus == ending.status)
            #expect(script.status("a")?.spawnError == ending.error)
            #expect(script.status("a")?.pid == 0)
            #expect(script.machine.nextDeadline == nil)
        }
        #expect(script.take() == lines)
    }

    @Test("an end before startsecs is a failed try, whatever its code: 1, 2, 3 s later it starts again, then FATAL")
    func backoff() {
        var script = Script(program("a", autostart: true, autorestart: .none))
        _ = script.take()
        var log: [String] = []
        for _ in 0..<4 {
            script.exit("a", 0)
            log += script.take()
            if let wait = script.wait {
                log.append("after \(wait)")
                script.advance(wait)
                log += script.take().filter { !$0.hasPrefix("INFO spawned") }
            }
        }
        let line = "WARN exited: a (exit status 0; not expected)"
        #expect(
            log == [
                "a STARTING>BACKOFF tries:1", line, "after 1.0", "a BACKOFF>STARTING tries:1", "spawn a",
                "a STARTING>BACKOFF tries:2", line, "after 2.0", "a BACKOFF>STARTING tries:2", "spawn a",
                "a STARTING>BACKOFF tries:3", line, "after 3.0", "a BACKOFF>STARTING tries:3", "spawn a",
                "a STARTING>BACKOFF tries:4", line, "a BACKOFF>FATAL",
                "INFO gave up: a entered FATAL state, too many start retries too quickly",
            ])
        #expect(script.machine.nextDeadline == nil)
        #expect(script.status("a")?.spawnError == "Exited too quickly (process log may have details)")
        #expect(script.status("a")?.exitStatus == 0)
        #expect(script.status("a")?.tries == 0)
    }

    @Test(
        "startretries -1 and 0 give up after the first failed try, 1 after the second",
        arguments: [(-1, 1), (0, 1), (1, 2)])
    func retries(retries: Int, spawns: Int) {
        var script = Script(program("a", retries: retries))
        script.request(.start(process("a"), waits: false))
        var count = 0
        while script.state("a") == .starting, count < 10 {
            count += 1
            script.exit("a", 1)
            if let wait = script.wait { script.advance(wait) }
        }
        #expect(count == spawns)
        #expect(script.state("a") == .fatal)
    }

    @Test("an end exactly at startsecs passes through RUNNING")
    func endAtStartsecs() {
        var script = Script(program("a", autostart: true))
        // Nobody rings at the deadline: the end is told first.
        _ = script.take()
        script.skip(1)
        script.exit("a", 0)
        #expect(
            script.take() == [
                "a STARTING>RUNNING pid:101",
                "INFO success: a entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)",
                "a RUNNING>EXITED expected:1 pid:101", "INFO exited: a (exit status 0; expected)",
            ])
        #expect(script.machine.nextDeadline == nil)
    }

    @Test("RUNNING sets the count of failed tries back")
    func triesReset() {
        var script = Script(program("a", autostart: true))
        script.exit("a", 1)
        script.advance(1)
        #expect(script.status("a")?.tries == 1)
        script.advance(1)
        #expect(script.state("a") == .running)
        #expect(script.status("a")?.tries == 0)
    }

    @Test("a process that cannot be created is a failed try")
    func spawnFailure() {
        var script = Script(program("a", retries: 1))
        script.births["a"] = .fails(SpawnProblem("too many open files to spawn 'a'"))
        script.request(.start(process("a"), waits: true))
        #expect(
            script.take() == [
                "check a", "a STOPPED>STARTING tries:0", "spawn a", "INFO spawnerr: too many open files to spawn 'a'",
                "a STARTING>BACKOFF tries:1", "reply 2 fault SPAWN_ERROR: a",
            ])
        #expect(script.status("a")?.spawnError == "too many open files to spawn 'a'")
        #expect(script.wait == 1)
        script.advance(1)
        #expect(script.state("a") == .fatal)
        #expect(script.status("a")?.spawnError == "too many open files to spawn 'a'")
    }

    @Test("a child that fails before execve is one that exited with 127")
    func failedInChild() {
        var script = Script(program("a"), program("b", startsecs: .zero, autorestart: .none))
        let problem = SpawnProblem("couldn't exec /x: ENOENT", failedInChild: true, pid: 77)
        script.births = ["a": .fails(problem), "b": .fails(problem)]
        script.request(.start(process("a"), waits: true))
        #expect(
            script.take() == [
                "check a", "a STOPPED>STARTING tries:0", "spawn a", "INFO spawned: 'a' with pid 77",
                "a STARTING>BACKOFF tries:1", "WARN exited: a (exit status 127; not expected)",
                "reply 3 fault SPAWN_ERROR: a",
            ])
        script.request(.start(process("b"), waits: true))
        #expect(
            script.take().suffix(5) == [
                "b STARTING>RUNNING pid:77",
                "INFO success: b entered RUNNING state, process has stayed up for > than 0 seconds (startsecs)",
                "reply 4 done", "b RUNNING>EXITED expected:0 pid:77", "WARN exited: b (exit status 127; not expected)",
            ])
    }

    @Test("a run that nobody knows, and news told twice, change nothing")
    func strangers() {
        var script = Script(program("a", autostart: true))
        let run = script.runs["a"]
        script.exit("a", 1)
        _ = script.take()
        let before = script.machine.encoded()
        if let run {
            script.tell(.exited(run, .exited(code: 0)))
            script.tell(.spawned(run, pid: 5))
            script.tell(.spawnFailed(run, SpawnProblem("x")))
            script.tell(.signalFailed(run, .terminate, reason: "x"))
        }
        script.tell(.commandChecked(CheckID(number: 99), nil))
        script.tell(.deadline)
        script.tell(.abandoned(RequestID(number: 99)))
        script.tell(.started)
        #expect(script.take() == [])
        #expect(script.machine.encoded() == before)
    }

    @Test(
        "fractions of a second stand in the success line as they are written",
        arguments: [
            (TimeSpan.milliseconds(1500), "1.5"), (.milliseconds(250), "0.25"), (.seconds(30), "30"),
            (.milliseconds(1), "0.001"),
        ])
    func fractions(span: TimeSpan, text: String) {
        var script = Script(program("a", autostart: true, startsecs: span))
        script.advance(60)
        #expect(
            script.take().last
                == "INFO success: a entered RUNNING state, process has stayed up for > than \(text) seconds (startsecs)"
        )
    }
}
