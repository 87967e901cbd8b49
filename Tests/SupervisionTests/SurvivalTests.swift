import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("A program that outlived the daemon before")
struct SurvivalTests {
    /// A script whose program `a` lives since `seconds`, in run 41.
    private func survive(_ seconds: Double, _ policy: ProgramPolicy) -> Script {
        var script = Script(policy, started: false)
        _ = script.take()
        let id = script.ids["a"] ?? ProgramID(number: 0)
        let since = script.now.advanced(nanoseconds: -Int64(seconds * 1e9))
        script.tell(.survived(RunID(number: 41), id, pid: 4711, since: since))
        return script
    }

    @Test("goes on without being started, and is RUNNING when it has lived its startsecs")
    func goesOn() {
        var script = survive(2, program("a", autostart: true))
        #expect(
            script.take() == [
                "a STOPPED>STARTING tries:0",
                "INFO took up: 'a' with pid 4711, which the daemon before this one started",
                "a STARTING>RUNNING pid:4711",
                "INFO success: a entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)",
            ])
        script.tell(.started)
        #expect(script.take() == ["daemon RUNNING"])
        #expect(script.status("a")?.started?.monotonic == script.now.monotonic - 2_000_000_000)
    }

    @Test("is STARTING for what is left of its startsecs")
    func young() {
        var script = survive(0.75, program("a", autostart: true))
        #expect(script.status("a")?.state == .starting)
        #expect(script.wait == 0.25)
        script.advance(0.25)
        #expect(script.status("a")?.state == .running)
    }

    @Test("is RUNNING at once when it has lived exactly its startsecs", arguments: [0, 1] as [Double])
    func justReady(startsecs: Double) {
        let script = survive(startsecs, program("a", startsecs: .seconds(Int64(startsecs))))
        #expect(script.status("a")?.state == .running)
        #expect(script.wait == nil)
    }

    @Test("was not started by hand: earlier starts still count for its start limit")
    func countsOn() {
        var script = Script(
            program("a", startsecs: .zero, autorestart: .all) { $0.giveUp = .starts(3, within: .seconds(100)) },
            started: false)
        script.tell(.started)
        script.request(.start(process("a"), waits: false))
        script.exit("a", 1)
        script.request(.stop(process("a"), waits: true))
        script.end("a", .exited(code: 0))
        #expect(script.status("a")?.state == .stopped)
        script.tell(.survived(RunID(number: 41), script.ids["a"] ?? ProgramID(number: 0), pid: 7, since: script.now))
        script.tell(.exited(RunID(number: 41), .exited(code: 1)))
        #expect(script.status("a")?.state == .fatal)
    }

    @Test("may have any pid there is, even the first")
    func lowestPid() {
        var script = Script(program("a"), started: false)
        let id = script.ids["a"] ?? ProgramID(number: 0)
        script.tell(.survived(RunID(number: 1), id, pid: 1, since: script.now))
        #expect(script.status("a")?.pid == 1)
    }

    @Test("ends as any other, and its successors are numbered after it")
    func ends() {
        var script = survive(5, program("a", autostart: true, autorestart: .all))
        _ = script.take()
        script.tell(.exited(RunID(number: 41), .unknown))
        let told = script.take()
        #expect(told.contains("WARN exited: a (unknown termination cause; not expected)"), "\(told)")
        #expect(script.status("a")?.pid == 101)
        #expect((script.runs["a"]?.number ?? 0) > 41)
    }

    @Test("runs are numbered after those of another machine, and never back")
    func numbered() {
        var script = Script(program("a", autostart: true), started: false)
        script.tell(.numbered(after: RunID(number: 9)))
        script.tell(.numbered(after: RunID(number: 3)))
        script.tell(.started)
        #expect(script.runs["a"] == RunID(number: 10))
    }

    @Test("an end that nobody knows is none of the expected ones", arguments: [true, false])
    func unknownIsUnexpected(always: Bool) {
        let restartOn: TerminationSet = always ? .all : .unsuccessful
        var script = survive(5, program("a", autorestart: restartOn))
        script.tell(.exited(RunID(number: 41), .unknown))
        #expect(script.status("a")?.pid == 101)
    }

    @Test("is stopped by its rule")
    func stops() {
        var script = survive(5, program("a"))
        _ = script.take()
        script.request(.stop(process("a"), waits: true))
        #expect(script.take().contains { $0.hasPrefix("signal ") && $0.contains("TERM") })
        script.tell(.exited(RunID(number: 41), .signalled(.terminate, coreDumped: false)))
        #expect(script.status("a")?.state == .stopped)
    }

    @Test("its state is encoded as any other's")
    func encoded() throws {
        let script = survive(0.5, program("a"))
        let again = try Machine(decoding: script.machine.encoded())
        #expect(again.encoded() == script.machine.encoded())
        #expect(again.nextDeadline == script.machine.nextDeadline)
    }

    @Test("is refused twice, with a number that was given, without a process, and once the daemon stops")
    func refused() {
        var script = survive(5, program("a"))
        let id = script.ids["a"] ?? ProgramID(number: 0)
        _ = script.take()
        script.tell(.survived(RunID(number: 42), id, pid: 12, since: script.now))
        #expect(script.take() == [])
        #expect(script.status("a")?.pid == 4711)

        var other = Script(program("a"), program("b"), started: false)
        let ids = ["a", "b"].compactMap { other.ids[$0] }
        _ = other.take()
        other.tell(.survived(RunID(number: 5), ids[0], pid: 0, since: other.now))
        #expect(other.take() == [])
        other.tell(.survived(RunID(number: 5), ids[0], pid: 12, since: other.now))
        _ = other.take()
        other.tell(.survived(RunID(number: 5), ids[1], pid: 13, since: other.now))
        #expect(other.take() == [])
        other.tell(.signalReceived(.shutdown, .terminate))
        _ = other.take()
        other.tell(.survived(RunID(number: 6), ids[1], pid: 13, since: other.now))
        #expect(other.take() == [])
    }
}
