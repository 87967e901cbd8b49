import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("Where rules begin and end")
struct EdgeTests {
    // MARK: deadlines

    @Test("forty deadlines ring in the order of time, those of one instant in the order of the starts")
    func order() {
        // A reproducible disorder: 7 is no divisor of 41.
        let spans = (1...40).map { $0 * 7 % 41 }
        let programs = spans.map { program("p\($0)", autostart: true, startsecs: .milliseconds(Int64($0) * 100)) }
        let equals = (0..<5).map { program("q\($0)", autostart: true, startsecs: .seconds(9)) }
        var script = Script([GroupPolicy(name: "g", priority: 1, programs: programs + equals)])
        _ = script.take()
        script.advance(4)
        func risen() -> [String] {
            script.take().filter { $0.contains("STARTING>RUNNING") }
                .map { String($0.dropFirst("g:".count).prefix { $0 != " " }) }
        }
        #expect(risen() == (1...40).map { "p\($0)" })
        script.advance(5)
        #expect(risen() == (0..<5).map { "q\($0)" })
    }

    @Test("deadlines that were taken back do not ring, however many there were")
    func takenBack() {
        var script = Script([
            GroupPolicy(name: "g", priority: 1, programs: (0..<30).map { program("p\($0)", startsecs: .seconds(30)) })
        ])
        for _ in 0..<20 {
            script.request(.start(.group("g"), waits: false))
            for index in 0..<30 {
                script.request(.stop(process("g:p\(index)"), waits: false))
                script.exit("g:p\(index)", 0)
            }
            script.advance(0.01)
        }
        #expect(script.machine.nextDeadline == nil)
        _ = script.take()
        script.advance(100)
        #expect(script.take() == [])
    }

    // MARK: starting

    @Test("what is ready by being executed is RUNNING at once", arguments: [Readiness.executed, .notified, .forked])
    func executed(readiness: Readiness) {
        var script = Script(program("a") { $0.readiness = readiness })
        script.request(.start(process("a"), waits: true))
        #expect(script.state("a") == .running)
        #expect(script.take().contains { $0.hasPrefix("INFO success: a") && $0.contains("than 0 seconds") })
        #expect(script.take() == [] && script.machine.nextDeadline == nil)
    }

    @Test("a program that never ran: no process, no status, no tries")
    func neverRan() {
        let script = Script(program("a"))
        let status = script.status("a")
        #expect(status == ProgramStatus(id: ProgramID(number: 1), group: "a", name: "a"))
        #expect(status?.pid == 0 && status?.exitStatus == 0 && status?.tries == 0)
    }

    @Test("it is known whether the answer to a creation or a check is still to come")
    func awaits() {
        var script = Script(program("a"))
        script.births["a"] = .hangs
        script.hangingChecks = ["a"]
        #expect(!script.machine.awaitsBirthOrCheck)
        script.request(.start(process("a"), waits: false))
        #expect(script.machine.awaitsBirthOrCheck)
        script.answerCheck("a")
        #expect(script.machine.awaitsBirthOrCheck)
        script.answerSpawn("a")
        #expect(!script.machine.awaitsBirthOrCheck)
    }

    @Test("a start of one program of a group waits for no other; of two, the second waits half a second for the first")
    func orderOfTwo() {
        var alone = Script([group("g", program("a"))])
        alone.hangingChecks = ["g:a"]
        alone.request(.start(.group("g"), waits: false))
        #expect(alone.machine.nextDeadline == nil)

        var script = Script([group("g", program("a"), program("b"))])
        script.hangingChecks = ["g:a"]
        script.request(.start(.group("g"), waits: false))
        #expect(script.wait == 0.5)
        #expect(!script.take().contains("spawn g:b"))
        script.advance(0.5)
        #expect(script.take().contains("spawn g:b"))
    }

    @Test("of a call for several what fails at once stands in the order of the call, whenever it is known")
    func atOnce() {
        var script = Script([group("x", priority: 1, program("p")), group("y", priority: 2, program("p"))])
        script.hangingChecks = ["x:p", "y:p"]
        script.request(.start(.all, waits: true))
        script.request(.removeGroup("x"))
        script.advance(1)
        _ = script.take()
        script.answerCheck("y:p", .notFound("m"))
        script.answerCheck("x:p")
        #expect(script.take() == ["reply 3 [x:p 10 BAD_NAME: x:p, y:p 20 NO_FILE: m]"])
    }

    // MARK: ends and restarts

    @Test("without a delay a program that fails before it is ready starts again in the same instant")
    func noDelay() {
        var script = Script(
            program("a", autostart: true, startsecs: .seconds(5)) { $0.restartDelay = .none })
        script.exit("a", 1)
        #expect(script.state("a") == .starting)
        #expect(script.take().contains("spawn a"))
        var zero = Script(
            program("a", autostart: true, startsecs: .zero, autorestart: .all) {
                $0.restartDelay = .afterExit(.zero)
            })
        zero.exit("a", 1)
        #expect(zero.state("a") == .running)
    }

    /// A program that is started again after 127 alone.
    private func after127(_ giveUp: GiveUp, _ readiness: Readiness = .alive(.seconds(1))) -> Script {
        var script = Script(
            program("a", autorestart: .codes([127])) {
                $0.giveUp = giveUp
                $0.readiness = readiness
                $0.restartDelay = .afterExit(.seconds(3))
            })
        script.births["a"] = .fails(SpawnProblem("gone"))
        script.request(.start(process("a"), waits: false))
        return script
    }

    @Test("a process that cannot be created counts as one that ended with 127", arguments: [true, false])
    func as127(isOneshot: Bool) {
        for giveUp in [GiveUp.never, .earlyExits(9)] {
            var script = after127(giveUp, isOneshot ? .completed : .alive(.seconds(1)))
            #expect(script.state("a") == .backoff)
            #expect(script.wait == 3)
            script.births = [:]
            script.advance(3)
            #expect(script.state("a") == .starting)
        }
    }

    @Test("a start limit of one allows no second start within its span, and one exactly at its end")
    func limitOfOne() {
        for limit in [1, 0, -3] {
            func script(_ delay: TimeSpan) -> Script {
                var script = Script(
                    program("a", autostart: true, startsecs: .zero, autorestart: .all) {
                        $0.giveUp = .starts(limit, within: .seconds(10))
                        $0.restartDelay = .afterExit(delay)
                    })
                script.exit("a", 1)
                script.advance(11)
                return script
            }
            #expect(script(.milliseconds(9_999)).state("a") == .fatal)
            #expect(script(.seconds(10)).state("a") == .running)
        }
    }

    @Test("a start limit without end counts every start; no more than ten thousand are remembered")
    func longLimit() {
        func starts(_ limit: Int) -> Int {
            var script = Script(
                program("a", autostart: true, startsecs: .zero, autorestart: .all) {
                    $0.giveUp = .starts(limit, within: .infinity)
                    $0.restartDelay = .none
                })
            var count = 1
            while script.state("a") == .running, count < 20_000 {
                script.exit("a", 1)
                if script.state("a") == .running { count += 1 }
                _ = script.take()
            }
            return count
        }
        #expect(starts(3) == 3)
        #expect(starts(15_000) == 10_000)
    }

    @Test("after a start by hand the crash-loop brake lets five restarts pass again")
    func brakeAfterHand() {
        var script = Script(program("a", autostart: true, startsecs: .zero, autorestart: .all))
        for _ in 0..<9 where script.state("a") == .running { script.exit("a", 1) }
        #expect(script.state("a") == .exited)
        script.request(.start(process("a"), waits: false))
        var passed = 0
        while script.state("a") == .running, passed < 20 {
            script.exit("a", 1)
            if script.state("a") == .running { passed += 1 }
        }
        #expect(passed == 5)
    }

    @Test("only an exit can be unexpected")
    func expected() {
        var script = Script(program("a", autostart: true), program("b", autostart: true, retries: 0))
        script.exit("b", 1)
        script.advance(2)
        script.exit("a", 1)
        script.request(.stop(process("a"), waits: false))
        script.exit("a", 1)
        let changes = script.journal.flatMap(\.actions).compactMap { action in
            if case .announce(.processState(let change)) = action { change } else { nil }
        }
        #expect(Set(changes.map(\.to)).count >= 6)
        #expect(changes.filter { !$0.expected }.map(\.to) == [.exited])
    }

    // MARK: stopping

    @Test("the next report of a stop is due two seconds later; a creation may take five")
    func spans() {
        var script = Script(program("a", autostart: true) { $0.stopTimeout = .seconds(60) })
        script.advance(2)
        script.request(.stop(process("a"), waits: true))
        #expect(script.wait == 2)
        script.advance(2)
        #expect(script.wait == 2)

        var unborn = Script(program("a") { $0.stopTimeout = .zero })
        unborn.births["a"] = .hangs
        unborn.request(.start(process("a"), waits: false))
        unborn.request(.stop(process("a"), waits: false))
        #expect(unborn.wait == 5)
    }

    @Test("a signal that cannot be sent after SIGKILL is no failure of the stop")
    func failsAfterKill() {
        var script = Script(program("a", autostart: true))
        script.advance(2)
        script.request(.stop(process("a"), waits: true))
        script.advance(10)
        _ = script.take()
        if let run = script.runs["a"] { script.tell(.signalFailed(run, .kill, reason: "EPERM")) }
        #expect(script.take() == ["CRIT unknown problem killing a (101):EPERM", "a STOPPING>UNKNOWN", "reply 2 done"])
    }

    // MARK: the way down

    @Test("on the way down a program whose turn has not come becomes RUNNING as ever")
    func startsOnTheWayDown() {
        var script = Script([
            group("low", priority: 1, program("a", autostart: true)),
            group("high", priority: 2, program("b", autostart: true)),
        ])
        script.tell(.signalReceived(.shutdown, .terminate))
        _ = script.take()
        script.advance(1)
        #expect(script.take().first == "low:a STARTING>RUNNING pid:101")
    }

    @Test("on the way down nothing wakes for a restart that will not be")
    func noWakes() {
        for isExit in [false, true] {
            var script = Script([
                group(
                    "low", priority: 1,
                    program("a", autostart: true, startsecs: isExit ? .zero : .seconds(1), autorestart: .all) {
                        $0.restartDelay = .afterExit(.seconds(1))
                    }), group("high", priority: 2, program("b", autostart: true)),
            ])
            script.advance(1)
            script.exit("low:a", 1)
            if !isExit {
                script.advance(1)
                script.exit("low:a", 1)
            }
            #expect(script.wait == 1)
            script.tell(.signalReceived(.shutdown, .terminate))
            #expect(script.wait == 3)
        }
    }

    @Test("starts that are refused on the way down stand before those that were waited for")
    func refusedFirst() {
        var script = Script([group("g", program("b", priority: 1), program("a", priority: 2))])
        script.hangingChecks = ["g:a"]
        script.request(.start(.group("g"), waits: true))
        script.advance(2)
        script.tell(.signalReceived(.shutdown, .terminate))
        #expect(script.take().contains("reply 2 [g:a 6 SHUTDOWN_STATE, g:b 80 OK]"))

        // One that was checked and held behind another, too.
        var held = Script([
            group(
                "g", program("b", priority: 1, startsecs: .milliseconds(100)), program("a", priority: 2),
                program("c", priority: 3))
        ])
        held.hangingChecks = ["g:a"]
        held.request(.start(.group("g"), waits: true))
        held.advance(0.2)
        held.tell(.signalReceived(.shutdown, .terminate))
        #expect(held.take().contains("reply 2 [g:a 6 SHUTDOWN_STATE, g:c 6 SHUTDOWN_STATE, g:b 80 OK]"))
    }

    @Test("when the time to stop in is over nobody is killed who does not live")
    func overdueUnborn() {
        var script = Script(program("a"), program("b"))
        script.births["a"] = .hangs
        script.request(.start(process("a"), waits: false))
        script.tell(.signalReceived(.shutdown, .terminate))
        script.tell(.overdue)
        #expect(!script.take().contains { $0.hasPrefix("signal") })
    }

    // MARK: values

    @Test("ids are ordered by their numbers")
    func ids() {
        #expect(ProgramID(number: 1) < ProgramID(number: 2) && !(ProgramID(number: 1) < ProgramID(number: 1)))
        #expect(RunID(number: 1) < RunID(number: 2) && !(RunID(number: 1) < RunID(number: 1)))
    }

    @Test("a change is told with no process, no tries, and as expected, where nothing else is said")
    func plainChange() {
        let change = ProcessStateChange(
            program: ProgramID(number: 1), group: "g", name: "a", from: .running, to: .exited)
        #expect(change.pid == 0 && change.tries == 0 && change.expected)
    }

    @Test("a failed creation had no process, where nothing else is said")
    func plainProblem() {
        let problem = SpawnProblem("x")
        #expect(!problem.failedInChild && problem.pid == 0 && problem.crash == nil)
    }
}
