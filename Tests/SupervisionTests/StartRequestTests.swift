import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("Start and signal requests")
struct StartRequestTests {
    @Test("a waiting start is answered when the program is RUNNING")
    func waits() {
        var script = Script(program("a"))
        script.request(.start(process("a"), waits: true))
        #expect(
            script.take() == ["check a", "a STOPPED>STARTING tries:0", "spawn a", "INFO spawned: 'a' with pid 101"])
        script.advance(1)
        #expect(script.take().last == "reply 2 done")
    }

    @Test("a start that does not wait is answered when the process exists, and succeeds even if it fails later")
    func doesNotWait() {
        var script = Script(program("a"))
        script.births["a"] = .hangs
        script.request(.start(process("a"), waits: false))
        #expect(script.take() == ["check a", "a STOPPED>STARTING tries:0", "spawn a"])
        script.answerSpawn("a")
        #expect(script.take() == ["INFO spawned: 'a' with pid 101", "reply 2 done"])

        var failing = Script(program("a"))
        failing.births["a"] = .fails(SpawnProblem("x", failedInChild: true))
        failing.request(.start(process("a"), waits: false))
        #expect(failing.take().last == "reply 2 done")

        var impossible = Script(program("a"))
        impossible.births["a"] = .fails(SpawnProblem("no memory"))
        impossible.request(.start(process("a"), waits: false))
        #expect(impossible.take().last == "reply 2 fault SPAWN_ERROR: a")
    }

    @Test("SPAWN_ERROR after the first failed try, while the tries go on")
    func firstFailure() {
        var script = Script(program("a", retries: 1))
        script.request(.start(process("a"), waits: true))
        _ = script.take()
        script.exit("a", 1)
        #expect(
            script.take() == [
                "a STARTING>BACKOFF tries:1", "WARN exited: a (exit status 1; not expected)",
                "reply 2 fault SPAWN_ERROR: a",
            ])
        script.advance(1)
        #expect(script.state("a") == .starting)
    }

    @Test("startsecs=0 and an exit with 1 count as started")
    func startedAndGone() {
        var script = Script(program("a", startsecs: .zero, autorestart: .none))
        script.request(.start(process("a"), waits: true))
        script.exit("a", 1)
        #expect(script.take().contains("reply 2 done"))
        #expect(script.state("a") == .exited)
    }

    @Test(
        "the command is checked before the state",
        arguments: [
            (CommandProblem.notFound("can't find command 'x'"), "NO_FILE: can't find command 'x'"),
            (.notExecutable("command at 'x' is not executable"), "NOT_EXECUTABLE: command at 'x' is not executable"),
        ])
    func commandProblems(problem: CommandProblem, text: String) {
        var script = Script(program("a"))
        script.commandProblems["a"] = problem
        script.request(.start(process("a"), waits: true))
        #expect(script.take() == ["check a", "reply 2 fault \(text)"])
        #expect(script.state("a") == .stopped)
        script.commandProblems = [:]
        script.request(.start(process("a"), waits: false))
        script.commandProblems["a"] = problem
        _ = script.take()
        script.request(.start(process("a"), waits: true))
        #expect(script.take() == ["check a", "reply 4 fault \(text)"])
    }

    @Test("STARTING, RUNNING and BACKOFF programs are ALREADY_STARTED", arguments: ["starting", "running", "backoff"])
    func alreadyStarted(_ state: String) {
        var script = Script(program("a", autostart: true))
        if state == "running" { script.advance(1) }
        if state == "backoff" { script.exit("a", 1) }
        #expect(script.state("a")?.name == state.uppercased())
        _ = script.take()
        script.request(.start(process("a"), waits: true))
        #expect(script.take() == ["check a", "reply 2 fault ALREADY_STARTED: a"])
    }

    @Test(
        "a start while STOPPING is refused",
        arguments: [
            (true, "fault ABNORMAL_TERMINATION: a"), (false, "done"),
        ])
    func whileStopping(waits: Bool, reply: String) {
        var script = Script(program("a", autostart: true))
        script.request(.stop(process("a"), waits: false))
        _ = script.take()
        script.request(.start(process("a"), waits: waits))
        #expect(script.take() == ["check a", "WARN process 'a' already running", "reply 3 \(reply)"])
        #expect(script.state("a") == .stopping)
    }

    @Test("EXITED, FATAL and stopped programs start again", arguments: ["exited", "fatal", "stopped"])
    func startsAgain(_ state: String) {
        var script = Script(program("a", autostart: true, retries: 0, autorestart: .none))
        switch state {
        case "exited":
            script.advance(1)
            script.exit("a", 1)
        case "fatal": script.exit("a", 1)
        default:
            script.request(.stop(process("a"), waits: false))
            script.exit("a", 0)
        }
        #expect(script.state("a")?.name == state.uppercased())
        _ = script.take()
        script.request(.start(process("a"), waits: false))
        #expect(script.take().contains("a \(state.uppercased())>STARTING tries:0"))
        #expect(script.status("a")?.exitStatus == 0)
        #expect(script.status("a")?.spawnError == "")
    }

    @Test(
        "unknown names",
        arguments: [
            (Request.start(process("zz"), waits: true), "zz"), (.stop(process("g:zz"), waits: true), "g:zz"),
            (.signal(process("zz:zz"), .hangUp), "zz"), (.start(.group("zz"), waits: true), "zz"),
            (.stop(.group("zz"), waits: false), "zz"), (.signal(.group("zz"), .hangUp), "zz"),
            (.removeGroup("zz"), "zz"),
        ])
    func badName(request: Request, name: String) {
        var script = Script([group("g", program("a"))])
        script.request(request)
        #expect(script.take() == ["reply 2 fault BAD_NAME: \(name)"])
    }

    @Test("a group call acts by ascending priority; immediate results come first, then those waited for as they come")
    func groupStart() {
        var script = Script([
            group(
                "g", program("late", priority: 30), program("early", priority: 1), program("missing", priority: 20),
                program("quick", priority: 40, startsecs: .zero), program("same", priority: 30))
        ])
        script.commandProblems["g:missing"] = .notFound("can't find command 'm'")
        script.request(.start(.group("g"), waits: true))
        let lines = script.take()
        #expect(
            lines.filter { $0.hasPrefix("check") || $0.hasPrefix("spawn") } == [
                "check g:early", "check g:missing", "check g:late", "check g:same", "check g:quick", "spawn g:early",
                "spawn g:late", "spawn g:same", "spawn g:quick",
            ])
        #expect(!lines.contains { $0.hasPrefix("reply") })
        script.exit("g:same", 1)
        script.advance(1)
        #expect(
            script.take().filter { $0.hasPrefix("reply") } == [
                "reply 2 [g:missing 20 NO_FILE: can't find command 'm', g:quick 80 OK, g:same 50 SPAWN_ERROR: g:same, "
                    + "g:early 80 OK, g:late 80 OK]"
            ])
    }

    @Test("a group call leaves out what is not concerned, and answers at once when nobody is")
    func nobodyConcerned() {
        var script = Script([group("g", program("a"), program("b"))])
        script.request(.stop(.group("g"), waits: true))
        script.request(.signal(.all, .hangUp))
        #expect(script.take() == ["reply 2 []", "reply 3 []"])
        script.request(.start(.all, waits: false))
        #expect(script.take().last == "reply 4 [g:a 80 OK, g:b 80 OK]")
        script.request(.start(.all, waits: true))
        #expect(script.take() == ["reply 5 []"])
        script.request(.signal(.all, .hangUp))
        #expect(
            script.take() == ["signal g:a SIGHUP main", "signal g:b SIGHUP main", "reply 6 [g:a 80 OK, g:b 80 OK]"])
    }

    @Test("all: groups by priority, those of one priority as they came")
    func allOrder() {
        var script = Script([
            group("m", priority: 5, program("x")), group("z", priority: 1, program("x")),
            group("b", priority: 5, program("x")),
        ])
        script.request(.start(.all, waits: false))
        #expect(script.take().filter { $0.hasPrefix("spawn") } == ["spawn z:x", "spawn m:x", "spawn b:x"])
        script.request(.stop(.all, waits: true))
        let lines = script.take()
        #expect(lines.filter { $0.hasPrefix("signal") }.map { $0.split(separator: " ")[1] } == ["z:x", "m:x", "b:x"])
        #expect(
            lines.suffix(3) == [
                "INFO waiting for x to stop", "INFO waiting for x to stop", "INFO waiting for x to stop",
            ])
        for name in ["b:x", "z:x", "m:x"] { script.exit(name, 0) }
        #expect(script.take().last == "reply 5 [b:x 80 OK, z:x 80 OK, m:x 80 OK]")
    }

    @Test("checks that answer out of order do not change the order of starts")
    func checksOutOfOrder() {
        var script = Script([group("g", program("a"), program("b"), program("c"))])
        script.hangingChecks = ["g:a", "g:b", "g:c"]
        script.request(.start(.group("g"), waits: false))
        script.answerCheck("g:c")
        script.answerCheck("g:b")
        #expect(!script.take().contains { $0.hasPrefix("spawn") })
        script.answerCheck("g:a")
        #expect(script.take().filter { $0.hasPrefix("spawn g") } == ["spawn g:a", "spawn g:b", "spawn g:c"])
        #expect(script.wait == 1)
    }

    @Test("a check that hangs holds up those behind it for half a second and no longer")
    func hangingCheck() {
        var script = Script([group("g", program("a"), program("b"), program("c"))])
        script.hangingChecks = ["g:a", "g:c"]
        script.request(.start(.group("g"), waits: false))
        script.advance(0.499)
        #expect(!script.take().contains { $0.hasPrefix("spawn") })
        script.advance(0.001)
        #expect(script.take().filter { $0.hasPrefix("spawn g") } == ["spawn g:b"])
        script.answerCheck("g:c")
        #expect(script.take().filter { $0.hasPrefix("spawn g") } == ["spawn g:c"])
        script.answerCheck("g:a", .notFound("gone"))
        #expect(script.take().last == "reply 2 [g:a 20 NO_FILE: gone, g:b 80 OK, g:c 80 OK]")
    }

    @Test("a program that starts, or goes, while its command is checked")
    func changesDuringCheck() {
        var script = Script(program("a"))
        script.hangingChecks = ["a"]
        script.request(.start(process("a"), waits: true))
        let first = script.openChecks["a"]
        script.request(.start(process("a"), waits: false))
        script.answerCheck("a")
        #expect(script.take().last == "reply 3 done")
        if let first { script.tell(.commandChecked(first, nil)) }
        #expect(script.take() == ["reply 2 fault ALREADY_STARTED: a"])

        var gone = Script(program("a"))
        gone.hangingChecks = ["a"]
        gone.request(.start(process("a"), waits: true))
        gone.request(.removeGroup("a"))
        _ = gone.take()
        gone.answerCheck("a")
        #expect(gone.take() == ["reply 2 fault BAD_NAME: a"])
    }

    @Test("a client that goes away gets no answer, but its work is done")
    func abandoned() {
        var script = Script(program("a"))
        script.hangingChecks = ["a"]
        let request = script.request(.start(process("a"), waits: true))
        script.tell(.abandoned(request))
        script.answerCheck("a")
        script.advance(1)
        #expect(script.state("a") == .running)
        #expect(!script.take().contains { $0.hasPrefix("reply") })
        #expect(script.machine.nextDeadline == nil)
    }

    @Test("a signal goes to the main process alone; 0 is a signal; an unknown number is not")
    func signals() {
        var script = Script(program("a", autostart: true) { $0.stopScope = .processGroup })
        script.request(.signal(process("a"), .user1))
        script.request(.signal(process("a"), Signal(number: 0)))
        script.request(.signal(process("a"), Signal(number: 99)))
        #expect(
            script.take()
                == [
                    "INFO spawned: 'a' with pid 101", "signal a SIGUSR1 main", "reply 2 done", "signal a signal 0 main",
                    "reply 3 done", "reply 4 fault BAD_SIGNAL: 99",
                ].suffix(5).map { $0 })
        script.request(.signal(.all, Signal(number: 99)))
        #expect(script.take() == ["reply 5 [a:a 11 BAD_SIGNAL: 99]"])
    }

    @Test("STARTING, RUNNING and STOPPING programs can be signalled, others not")
    func signallable() {
        var script = Script(program("a"))
        script.request(.signal(process("a"), .hangUp))
        #expect(script.take() == ["reply 2 fault NOT_RUNNING: a"])
        script.request(.start(process("a"), waits: false))
        script.exit("a", 1)
        _ = script.take()
        script.request(.signal(process("a"), .hangUp))
        #expect(script.take() == ["reply 4 fault NOT_RUNNING: a"])
        script.advance(1)
        script.request(.stop(process("a"), waits: false))
        _ = script.take()
        script.request(.signal(process("a"), .hangUp))
        #expect(script.take() == ["signal a SIGHUP main", "reply 6 done"])
    }
}
