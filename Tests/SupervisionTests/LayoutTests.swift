import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("The layout of a state on disk")
struct LayoutTests {
    /// One program that nothing has happened to yet.
    private func idle(_ change: (inout ProgramPolicy) -> Void = { _ in }) -> Script {
        Script([group("g", program("p", autorestart: .none, change: change))])
    }

    @Test("an empty machine, byte for byte: states of this version are on people's disks")
    func empty() {
        let layout = StateLayout {
            $0.flags = [0, 0]
            $0.now = [-1 << 61, 0, 0]
            $0.lastProgram = 0
            $0.groups = []
        }
        #expect(Machine().encoded() == layout.bytes)
    }

    @Test("a program that never ran, byte for byte")
    func neverRan() {
        #expect(idle().machine.encoded() == StateLayout { _ in }.bytes)
    }

    @Test("a program that is being started, its client and its timer, byte for byte")
    func starting() {
        var script = idle()
        script.request(.start(process("g:p"), waits: true))
        let layout = StateLayout {
            $0.lastRun = 1
            $0.lastCheck = 1
            $0.groups[0].programs[0].state = 10
            $0.groups[0].programs[0].run = (1, 1, 101)
            $0.groups[0].programs[0].latestRun = 1
            $0.groups[0].programs[0].started = $0.now
            $0.groups[0].programs[0].lastStart = 5_000_000_000
            $0.groups[0].programs[0].wakeAt = 6_000_000_000
            $0.groups[0].programs[0].waiters = [(2, 0, 1)]
            $0.parked = [StateLayout.Parked(id: 2, waits: 1, entries: [(1, "g", "p", [2])], cursor: 1)]
        }
        #expect(script.machine.encoded() == layout.bytes)
    }

    @Test("a daemon on its way down whose program had to be killed, byte for byte")
    func killed() {
        var script = idle()
        script.request(.start(process("g:p"), waits: false))
        script.advance(1)
        script.tell(.signalReceived(.shutdown, .terminate))
        script.advance(10)
        let seconds: (Int64) -> [Int64] = { count in StateLayout { _ in }.now.map { $0 + count * 1_000_000_000 } }
        let layout = StateLayout {
            $0.daemonState = -1
            $0.now = seconds(11)
            $0.lastRun = 1
            $0.lastCheck = 1
            $0.groups[0].programs[0].state = 40
            $0.groups[0].programs[0].run = (1, 1, 101)
            $0.groups[0].programs[0].latestRun = 1
            $0.groups[0].programs[0].started = seconds(0)
            $0.groups[0].programs[0].lastStart = seconds(0)[0]
            $0.groups[0].programs[0].isBeingStopped = 1
            $0.groups[0].programs[0].kills = 1
            $0.groups[0].programs[0].wakeAt = seconds(21)[0]
            $0.descent = (["g"], 1, seconds(13)[0])
        }
        #expect(script.machine.encoded() == layout.bytes)
    }

    @Test("no more starts are remembered than the start limit looks back")
    func remembered() {
        func sizes(_ limit: Int) -> [Int] {
            var script = Script(
                program("p", autostart: true, startsecs: .zero, autorestart: .all) {
                    $0.giveUp = .starts(limit, within: .milliseconds(1))
                    $0.restartDelay = .afterExit(.seconds(1))
                })
            return (0..<6).map { _ in
                script.exit("p", 1)
                script.advance(1)
                return script.machine.encoded().count
            }
        }
        #expect(Set(sizes(1)).count == 1)
        #expect(sizes(0).last == sizes(1).last)
        #expect(zip(sizes(3), sizes(1)).map { $0 - $1 } == [8, 16, 16, 16, 16, 16])
    }

    @Test("each value of each rule has its byte, and comes back")
    func rules() throws {
        func check(_ change: (inout ProgramPolicy) -> Void, _ layout: (inout StateLayout.Program) -> Void) throws {
            let machine = idle(change).machine
            let bytes = StateLayout {
                layout(&$0.groups[0].programs[0])
            }.bytes
            #expect(machine.encoded() == bytes)
            let copy = try Machine(decoding: bytes)
            #expect(copy.encoded() == bytes)
            let id = ProgramID(number: 1)
            #expect(copy.policy(of: id) == machine.policy(of: id))
        }
        let second = StateLayout.bytes(1000 as Int64)
        let readiness: [(Readiness, [UInt8])] = [
            (.executed, [0]), (.alive(.infinity), [1, 0]), (.notified, [2]), (.forked, [3]), (.completed, [4]),
        ]
        for (value, bytes) in readiness { try check({ $0.readiness = value }, { $0.readiness = bytes }) }
        let giveUp: [(GiveUp, [UInt8])] = [
            (.never, [0]), (.starts(3, within: .seconds(1)), [2, 3, 0, 0, 0, 0, 0, 0, 0, 1] + second),
        ]
        for (value, bytes) in giveUp { try check({ $0.giveUp = value }, { $0.giveUp = bytes }) }
        let delays: [(RestartDelay, [UInt8])] = [
            (.none, [0]), (.afterExit(.seconds(1)), [2, 1] + second), (.sinceStart(.seconds(1)), [3, 1] + second),
        ]
        for (value, bytes) in delays { try check({ $0.restartDelay = value }, { $0.restartDelay = bytes }) }
        let scopes: [(SignalScope, UInt8)] = [(.main, 0), (.processGroup, 1), (.everything, 2)]
        for (value, byte) in scopes {
            try check({ $0.stopScope = value }, { $0.scopes[0] = byte })
            try check({ $0.killScope = value }, { $0.scopes[1] = byte })
        }
        try check({ $0.stopTimeout = .infinity }, { $0.stopTimeout = [0] })
        try check({ $0.endsStragglers = true }, { $0.endsStragglers = 1 })
        try check(
            { $0.success = TerminationSet.codes([0, 255]).union(.signals([.kill])).union(.special(.unknown)) },
            { $0.success = ([0, 255], [9], 4) })
    }

    /// A client that waits for a start, as the layout has it.
    private static func waited(_ layout: inout StateLayout, _ step: [UInt8] = [2]) {
        layout.lastRun = 1
        layout.groups[0].programs[0].state = 10
        layout.groups[0].programs[0].run = (1, 1, 50)
        layout.groups[0].programs[0].waiters = [(7, 0, 1)]
        layout.parked = [StateLayout.Parked(entries: [(1, "g", "p", step)])]
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout StateLayout) -> Void

        init(_ what: String, _ change: @escaping @Sendable (inout StateLayout) -> Void) {
            (testDescription, self.change) = (what, change)
        }
    }

    private static let possibilities: [Case] = [
        Case("nothing wrong") { _ in },
        Case("the newest run and check") {
            waited(&$0)
            $0.lastCheck = 3
            $0.parked.append(
                StateLayout.Parked(id: 8, entries: [(1, "g", "p", [0] + StateLayout.bytes(3 as UInt64))], cursor: 1))
        },
        Case("checked and held") {
            let problems: [[UInt8]] = [[0], [1, 0] + StateLayout.text("x"), [1, 1] + StateLayout.text("x")]
            $0.parked = [
                StateLayout.Parked(isCollection: 1, entries: problems.map { (1, "g", "p", [1] + $0) }, orderUntil: 5)
            ]
        },
        Case("settled, but for one") {
            let settled: [[UInt8]] = [
                [3, 0, 1], [3, 1, 50, 1] + StateLayout.text("d") + [1] + StateLayout.text("c") + [0],
            ]
            waited(&$0)
            $0.parked[0].isCollection = 1
            $0.parked[0].entries += settled.map { (1, "g", "p", $0) }
            $0.parked[0].completed = [2]
        },
        Case("UNKNOWN with a process") {
            $0.lastRun = 1
            $0.groups[0].programs[0].state = 1000
            $0.groups[0].programs[0].run = (1, 1, 50)
        },
        Case("UNKNOWN without one") { $0.groups[0].programs[0].state = 1000 },
        Case("STARTING, not born") {
            $0.lastRun = 1
            $0.groups[0].programs[0].state = 10
            $0.groups[0].programs[0].run = (1, 1, 0)
        },
        Case("on the way down") {
            $0.daemonState = -1
            $0.descent = (["g"], 1, 9)
        },
        Case("the largest time") {
            $0.groups[0].programs[0].lastStart = 1 << 62 - 1
            $0.groups[0].programs[0].starts = [-(1 << 62 - 1), 0]
        },
    ]

    @Test("what can be is read, and written again as it was", arguments: possibilities)
    func possible(_ this: Case) throws {
        let bytes = StateLayout(this.change).bytes
        #expect(try Machine(decoding: bytes).encoded() == bytes)
    }

    private static let impossibilities: [Case] = [
        Case("RUNNING without a process") { $0.groups[0].programs[0].state = 20 },
        Case("RUNNING before its birth") {
            $0.lastRun = 1
            $0.groups[0].programs[0].state = 20
            $0.groups[0].programs[0].run = (1, 1, 0)
        },
        Case("STARTING without a process") { $0.groups[0].programs[0].state = 10 },
        Case("STOPPING without a process") { $0.groups[0].programs[0].state = 40 },
        Case("STOPPED with a process") {
            $0.lastRun = 1
            $0.groups[0].programs[0].run = (1, 1, 50)
        },
        Case("a run of the future") {
            waited(&$0)
            $0.lastRun = 0
        },
        Case("one run of two programs") {
            waited(&$0)
            $0.lastProgram = 2
            var other = StateLayout.Program(id: 2, name: "q")
            other.state = 10
            other.run = (1, 1, 51)
            $0.groups[0].programs.append(other)
        },
        Case("a program of the future") { $0.lastProgram = 0 },
        Case("an id twice") { $0.groups.append(StateLayout.Group(name: "h")) },
        Case("a name twice in a group") {
            $0.lastProgram = 2
            $0.groups[0].programs.append(StateLayout.Program(id: 2))
        },
        Case("a group twice") {
            $0.lastProgram = 2
            $0.groups.append(StateLayout.Group(programs: [StateLayout.Program(id: 2)]))
        },
        Case("a request twice") {
            waited(&$0)
            $0.parked.append($0.parked[0])
        },
        Case("a waiter of no request") {
            waited(&$0)
            $0.parked[0].id = 8
        },
        Case("a waiter of no entry") {
            waited(&$0)
            $0.groups[0].programs[0].waiters = [(7, 1, 1)]
        },
        Case("a waiter of an entry that does not wait") {
            $0.lastCheck = 1
            waited(&$0, [0] + StateLayout.bytes(1 as UInt64))
        },
        Case("a waiter of another program's entry") {
            waited(&$0)
            $0.lastProgram = 2
            $0.groups[0].programs.append(StateLayout.Program(id: 2, name: "q"))
            $0.parked[0].entries[0].program = 2
        },
        Case("an entry that waits for a program that is not there") {
            $0.parked = [StateLayout.Parked(entries: [(9, "g", "p", [2])])]
        },
        Case("a check of the future") {
            $0.parked = [StateLayout.Parked(entries: [(1, "g", "p", [0] + StateLayout.bytes(1 as UInt64))])]
        },
        Case("a request with nothing open") {
            $0.parked = [StateLayout.Parked(entries: [(1, "g", "p", [3, 0, 1])])]
        },
        Case("a cursor behind the end") {
            waited(&$0)
            $0.parked[0].cursor = 2
        },
        Case("a completed entry that is not there") {
            waited(&$0)
            $0.parked[0].completed = [1]
        },
        Case("a way down while it runs") { $0.descent = (["g"], 0, nil) },
        Case("no way down while it ends") { $0.daemonState = -1 },
        Case("a way down by a group that is not there") {
            $0.daemonState = 0
            $0.descent = (["g", "zz"], 0, nil)
        },
        Case("a time too large") { $0.groups[0].programs[0].lastStart = 1 << 62 },
        Case("a negative count") { $0.groups[0].programs[0].tries = -1 },
        Case("more than everything") { $0.surplus = [0] },
        Case("no truth") { $0.flags = [2, 0] },
        Case("no daemon state") { $0.daemonState = 7 },
        Case("no state") { $0.groups[0].programs[0].state = 11 },
        Case("no readiness") { $0.groups[0].programs[0].readiness = [5] },
        Case("no rule to give up") { $0.groups[0].programs[0].giveUp = [3] },
        Case("no delay") { $0.groups[0].programs[0].restartDelay = [4] },
        Case("no scope") { $0.groups[0].programs[0].scopes = [3, 0] },
        Case("no special end") { $0.groups[0].programs[0].success = ([], [], 8) },
        Case("no role") {
            waited(&$0)
            $0.groups[0].programs[0].run = (1, 9, 50)
        },
        Case("no purpose") {
            waited(&$0)
            $0.groups[0].programs[0].waiters = [(7, 0, 3)]
        },
        Case("no step") { waited(&$0, [4]) },
        Case("no problem") { waited(&$0, [1, 1, 2] + StateLayout.text("x")) },
        Case("no fault") { waited(&$0, [3, 1, 5, 0, 0, 0]) },
    ]

    @Test("what contradicts itself is refused", arguments: impossibilities)
    func impossible(_ this: Case) {
        #expect(throws: StateDecodingError.self) { try Machine(decoding: StateLayout(this.change).bytes) }
    }

    @Test("another version is refused though everything else fits")
    func version() {
        #expect(throws: StateDecodingError.unknownVersion(2)) {
            try Machine(decoding: StateLayout { $0.version = 2 }.bytes)
        }
    }

    @Test("after reading, counts and requests are as they were: a request is answered, a group can go")
    func indexes() throws {
        var machine = try Machine(decoding: StateLayout { Self.waited(&$0) }.bytes)
        let at = Instant(monotonic: 1, boot: 0, wall: 0)
        let run = RunID(number: 1)
        let refused = machine.handle(.request(RequestID(number: 9), .removeGroup("g")), at: at)
        #expect(refused.contains(.reply(RequestID(number: 9), .fault(Fault(.stillRunning, "g")))))
        _ = machine.handle(.request(RequestID(number: 10), .stop(process("g:p"), waits: true)), at: at)
        let ended = machine.handle(.exited(run, .exited(code: 0)), at: at)
        #expect(ended.contains(.reply(RequestID(number: 10), .done)))
        let removed = machine.handle(.request(RequestID(number: 11), .removeGroup("g")), at: at)
        #expect(removed.contains(.reply(RequestID(number: 11), .done)))
    }

    @Test("a frame can stand around nothing")
    func frame() throws {
        let frame = StateFrame("nothing", version: 3)
        let bytes = frame.encoded { _ in }
        #expect(try frame.reader(bytes).remaining == 0)
        #expect(throws: StateDecodingError.damaged) { try frame.reader(Array(bytes.dropLast())) }
        #expect(throws: StateDecodingError.unknownVersion(3)) { try StateFrame("nothing", version: 4).reader(bytes) }
    }

    @Test("a reader takes the last byte, and no byte more")
    func reader() throws {
        var text = StateReader([1, 0, 0, 0, 65])
        #expect(try text.string() == "A")
        #expect(text.remaining == 0)
        var list = StateReader([2, 0, 0, 0, 7, 8])
        #expect(try list.list { reader throws(StateDecodingError) in try reader.integer(UInt8.self) } == [7, 8])
        var short = StateReader([3, 0, 0, 0, 7, 8])
        #expect(throws: StateDecodingError.damaged) { try short.string() }
        var number = StateReader([1, 2, 3])
        #expect(throws: StateDecodingError.damaged) { try number.integer(UInt32.self) }
        for (value, isGood) in [(1 << 62 - 1, true), (1 << 62, false), (-(1 << 62), false)] as [(Int64, Bool)] {
            var reader = StateReader(StateLayout.bytes(value)[...])
            #expect(((try? reader.nanoseconds()) != nil) == isGood)
        }
    }
}
