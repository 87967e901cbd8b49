import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("Delays before a restart, and giving up")
struct RestartTests {
    /// Seconds from each end to the next start, `nil` where there is none, for a program that lives for `lives`.
    private func delays(_ policy: ProgramPolicy, lives: [Double], code: Int32 = 1) -> [Double?] {
        var script = Script(policy)
        return lives.map { life in
            script.advance(life)
            script.exit(policy.name, code)
            if script.state(policy.name) == .starting || script.state(policy.name) == .running { return 0 }
            let wait = script.wait
            if let wait { script.advance(wait) }
            return wait
        }
    }

    private func crashing(
        _ delay: RestartDelay, startsecs: TimeSpan = .zero, change: (inout ProgramPolicy) -> Void = { _ in }
    ) -> ProgramPolicy {
        program("a", autostart: true, startsecs: startsecs, autorestart: .all) {
            $0.restartDelay = delay
            change(&$0)
        }
    }

    @Test("the crash-loop brake: five immediate restarts, then one a second until it has lived a second")
    func brake() {
        let quick = Array(repeating: 0.125, count: 8)
        #expect(
            delays(crashing(.supervisor), lives: quick + [1] + quick) == [
                0, 0, 0, 0, 0, 0.875, 0.875, 0.875, 0, 0, 0, 0, 0, 0, 0.875, 0.875, 0.875,
            ])
    }

    @Test("it says so once, and an ordinary start by hand takes the brake off")
    func brakeLog() {
        var script = Script(crashing(.supervisor))
        for _ in 0..<8 {
            script.exit("a", 1)
            if let wait = script.wait { script.advance(wait) }
        }
        let line = "INFO restarting a at most once a second, because it keeps ending within a second of its start"
        #expect(script.take().filter { $0 == line }.count == 1)
        script.exit("a", 1)
        #expect(script.state("a") == .exited)
        script.request(.start(process("a"), waits: false))
        script.exit("a", 1)
        #expect(script.state("a") == .running)
    }

    @Test("the brake loosens for nobody because the wall clock jumps")
    func brakeAndClocks() {
        var script = Script(crashing(.supervisor))
        for _ in 0..<6 { script.exit("a", 1) }
        script.disturbClocks(wall: 3_600_000_000_000, asleep: 3_600_000_000_000)
        script.tell(.deadline)
        #expect(script.state("a") == .exited)
        #expect(script.wait == 1)
    }

    @Test("restart_delay=0 lifts the brake")
    func unbraked() {
        #expect(delays(crashing(.none), lives: Array(repeating: 0, count: 50)).allSatisfy { $0 == 0 })
    }

    @Test("afterExit waits after each end, sinceStart until so long after the start")
    func otherDialects() {
        #expect(delays(crashing(.afterExit(.milliseconds(100))), lives: [0, 5]) == [0.1, 0.1])
        #expect(delays(crashing(.sinceStart(.seconds(10))), lives: [0, 4, 10, 11]) == [10, 6, 0, 0])
        #expect(delays(crashing(.afterExit(.infinity)), lives: [0]) == [nil])
    }

    @Test("the start limit: so many starts within a span, then FATAL; a start by hand begins a new count")
    func startLimit() {
        let policy = crashing(.afterExit(.milliseconds(100))) { $0.giveUp = .starts(3, within: .seconds(10)) }
        var script = Script(policy)
        for _ in 0..<2 {
            script.exit("a", 1)
            script.advance(0.125)
        }
        script.exit("a", 1)
        _ = script.take()
        script.advance(0.125)
        #expect(
            script.take() == [
                "a EXITED>FATAL", "INFO gave up: a entered FATAL state, too many start retries too quickly",
            ])
        #expect(script.machine.nextDeadline == nil)
        script.request(.start(process("a"), waits: false))
        script.exit("a", 1)
        script.advance(0.125)
        #expect(script.state("a") == .running)

        var slow = Script(policy)
        for _ in 0..<20 {
            slow.advance(4)
            slow.exit("a", 1)
            slow.advance(0.125)
        }
        #expect(slow.state("a") == .running)
    }

    @Test("never giving up tries for ever")
    func never() {
        let policy = crashing(.supervisor, startsecs: .seconds(1)) { $0.giveUp = .never }
        #expect(delays(policy, lives: Array(repeating: 0, count: 40)) == (1...40).map { Double($0) })
    }

    @Test("a process that cannot be created is tried again only by those who restart after failures, once a second")
    func failedSpawns() {
        var once = Script(
            crashing(.none) {
                $0.giveUp = .never
                $0.restartOn = .none
                $0.startsAtLoad = false
            })
        once.births["a"] = .fails(SpawnProblem("gone"))
        once.request(.start(process("a"), waits: true))
        #expect(once.state("a") == .fatal)
        #expect(once.status("a")?.spawnError == "gone")

        var forever = Script(
            crashing(.none) {
                $0.giveUp = .never
                $0.startsAtLoad = false
            })
        forever.births["a"] = .fails(SpawnProblem("gone"))
        forever.request(.start(process("a"), waits: true))
        #expect(forever.wait == 1)
        _ = forever.take()
        forever.advance(5)
        #expect(forever.take().filter { $0.hasPrefix("spawn a") }.count == 5)
    }

    @Test("a oneshot is ready when it has ended well, and has failed when it has not")
    func oneshot() {
        let policy = program("a", autorestart: .none) {
            $0.readiness = .completed
            $0.giveUp = .never
        }
        var script = Script(policy)
        script.request(.start(process("a"), waits: true))
        script.advance(100)
        #expect(script.state("a") == .starting)
        script.exit("a", 0)
        #expect(
            script.take().suffix(3) == [
                "reply 2 done", "a RUNNING>EXITED expected:1 pid:101", "INFO exited: a (exit status 0; expected)",
            ])
        script.request(.start(process("a"), waits: true))
        script.exit("a", 1)
        #expect(script.take().contains("reply 3 fault SPAWN_ERROR: a"))
        // Its rule asks for no restart.
        #expect(script.state("a") == .fatal)
        script.advance(100)
        #expect(script.take() == [])
    }

    @Test("a failing oneshot is started again where its rule asks for it")
    func oneshotAgain() {
        var script = Script(
            program("a", autorestart: .none) {
                $0.readiness = .completed
                $0.restartOn = .unsuccessful
                $0.restartDelay = .afterExit(.seconds(2))
                $0.giveUp = .never
            })
        script.request(.start(process("a"), waits: true))
        script.exit("a", 1)
        #expect(script.state("a") == .backoff)
        script.advance(2)
        #expect(script.state("a") == .starting)
        script.exit("a", 0)
        #expect(script.state("a") == .exited)
    }
}
