import FuzzTargets
import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("The state as bytes")
struct EncodingTests {
    /// Something of everything: each state, parked requests of each kind, held signals, timers.
    private func busy() -> Script {
        var script = Script([
            group(
                "g", priority: 2, program("running", autostart: true), program("starting"),
                program("backoff", autostart: true), program("stopping", autostart: true), program("unborn"),
                program("fatal", autostart: true, retries: 0), program("checked")),
            group(
                "prög",
                program("late", autostart: true, startsecs: .zero, autorestart: .all) {
                    $0.restartDelay = .sinceStart(.seconds(30))
                    $0.giveUp = .starts(4, within: .seconds(100))
                    $0.stopTimeout = .infinity
                    $0.killScope = .everything
                }),
        ])
        script.hangingChecks = ["g:checked"]
        script.births["g:unborn"] = .hangs
        script.exit("g:fatal", 1)
        script.exit("prög:late", 1)
        script.advance(2)
        script.request(.stop(process("g:stopping"), waits: true))
        script.request(.start(process("g:unborn"), waits: true))
        script.request(.signal(process("g:unborn"), .hangUp))
        script.request(.start(process("g:starting"), waits: true))
        script.request(.removeGroup("zz"))
        script.request(.stop(process("g:backoff"), waits: true))
        script.exit("g:backoff", 1)
        script.request(.start(process("g:backoff"), waits: false))
        script.exit("g:backoff", 1)
        script.request(.start(.group("g"), waits: true))
        script.commandProblems["g:checked"] = .notFound("x")
        let gone = script.request(.start(.all, waits: false))
        script.tell(.abandoned(gone))
        _ = script.take()
        return script
    }

    @Test("what is read back is the same state, and goes on in the same way")
    func roundTrip() throws {
        var script = busy()
        let bytes = script.machine.encoded()
        var copy = try Machine(decoding: bytes)
        #expect(copy.encoded() == bytes)
        #expect(copy.programs == script.machine.programs)
        #expect(copy.nextDeadline == script.machine.nextDeadline)
        #expect(Set(script.machine.programs.map(\.state)).count >= 6)

        let mark = script.journal.count
        script.advance(1)
        script.answerSpawn("g:unborn")
        script.answerCheck("g:checked")
        script.tell(.signalReceived(.shutdown, .terminate))
        script.advance(60)
        for entry in script.journal[mark...] {
            #expect(copy.handle(entry.event, at: entry.instant) == entry.actions)
        }
        #expect(copy.encoded() == script.machine.encoded())
    }

    @Test("on the way down, too")
    func descending() throws {
        var script = busy()
        script.tell(.signalReceived(.restart, .hangUp))
        let bytes = script.machine.encoded()
        var copy = try Machine(decoding: bytes)
        #expect(copy.encoded() == bytes)
        #expect(copy.daemonState == .restarting)
        let mark = script.journal.count
        script.advance(20)
        for entry in script.journal[mark...] {
            #expect(copy.handle(entry.event, at: entry.instant) == entry.actions)
        }
    }

    @Test("an empty machine")
    func empty() throws {
        let bytes = Machine().encoded()
        #expect(try Machine(decoding: bytes).encoded() == bytes)
    }

    @Test("a clock that says less than any clock is read and written as it is")
    func earlyClock() throws {
        var body = Array(Machine().encoded().dropLast(8))
        body[29] = 0xc1  // the highest byte of the monotonic time
        #expect(try Machine(decoding: sealed(body)).encoded() == sealed(body))
        body[29] = 0xc0  // 146 years before zero: nobody can calculate with it
        #expect(throws: StateDecodingError.self) { try Machine(decoding: sealed(body)) }
    }

    @Test("a set of ends that no writer would write so is refused: twice, out of order, a signal that is none")
    func sets() throws {
        // The exit codes 1 and 2, then the signals 3 and 4, each behind their number.
        let written: [UInt8] = [2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 3, 4]
        let ends = TerminationSet.codes([1, 2]).union(.signals([Signal(number: 3), Signal(number: 4)]))
        let policy = program("p", autorestart: ends)
        let body = Array(Script([group("g", policy)]).machine.encoded().dropLast(8))
        let place = try #require(body.indices.first { body[$0...].starts(with: written) })
        _ = try Machine(decoding: sealed(body))
        for (offset, value) in [(4, 2), (5, 1), (4, 3), (10, 4), (11, 3), (10, 0), (10, 5)] as [(Int, UInt8)] {
            var copy = body
            copy[place + offset] = value
            #expect(throws: StateDecodingError.self) { try Machine(decoding: sealed(copy)) }
        }
    }

    @Test("numbers from which on is counted leave room to do so", arguments: [46..<50, 50..<58, 58..<66])
    func serials(place: Range<Int>) throws {
        var body = Array(Machine().encoded().dropLast(8))
        for index in place { body[index] = index == place.upperBound - 1 ? 0x7f : 0xff }
        #expect(try Machine(decoding: sealed(body)).encoded() == sealed(body))
        for index in place { body[index] = index == place.upperBound - 1 ? 0x80 : 0 }
        #expect(throws: StateDecodingError.self) { try Machine(decoding: sealed(body)) }
    }

    @Test("a machine that was read back counts every program as changed")
    func changes() throws {
        let script = busy()
        var copy = try Machine(decoding: script.machine.encoded())
        #expect(Set(copy.takeChanges()) == Set(script.machine.programs.map(\.id)))
    }

    @Test("another version is refused by name")
    func version() {
        var bytes = Machine().encoded()
        bytes[16] = 0xff
        #expect(throws: StateDecodingError.unknownVersion(0x00ff)) { try Machine(decoding: bytes) }
        #expect(throws: StateDecodingError.notAState) { try Machine(decoding: []) }
        #expect(throws: StateDecodingError.notAState) { try Machine(decoding: Array("hello, this is no state".utf8)) }
    }

    @Test("a state that ends too early or goes on too long is refused, at every length")
    func truncated() {
        let bytes = busy().machine.encoded()
        for length in 0..<bytes.count {
            #expect(throws: StateDecodingError.self) { try Machine(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: StateDecodingError.damaged) { try Machine(decoding: bytes + [0]) }
    }

    @Test("an altered byte is noticed, each of them")
    func altered() {
        let bytes = busy().machine.encoded()
        for index in bytes.indices {
            var copy = bytes
            copy[index] ^= 0x10
            #expect(throws: StateDecodingError.self) { try Machine(decoding: copy) }
        }
    }

    @Test(
        "bytes altered with the checksum made right again never crash: they are refused, or make a machine that works")
    func forged() {
        let bytes = busy().machine.encoded()
        var chance = Chance(seed: 7)
        var accepted = 0
        for _ in 0..<1500 {
            var body = Array(bytes.dropLast(8))
            for _ in 0..<Int.random(in: 1...3, using: &chance) {
                let index = Int.random(in: 18..<body.count, using: &chance)
                body[index] = Bool.random(using: &chance) ? 0xff : UInt8.random(in: 0...255, using: &chance)
            }
            if Bool.random(using: &chance) { body.removeLast(Int.random(in: 0..<40, using: &chance)) }
            guard var machine = try? Machine(decoding: sealed(body)) else { continue }
            accepted += 1
            exercise(&machine)
        }
        #expect(accepted > 0)
    }

    /// A state with its checksum.
    private func sealed(_ body: [UInt8]) -> [UInt8] {
        let sum = StateFrame.checksum(body)
        return body + (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    }

    /// Lets a machine do everything it can do.
    private func exercise(_ machine: inout Machine) {
        var instant = Instant(monotonic: 20_000_000_000, boot: 0, wall: 0)
        for turn in 0..<20 {
            if let next = machine.nextDeadline { instant.monotonic = max(instant.monotonic, next) }
            _ = machine.handle(.deadline, at: instant)
            _ = machine.handle(
                .request(RequestID(number: 1 << 60 + UInt64(turn)), .stop(.all, waits: true)), at: instant)
            for run in 0..<12 as Range<UInt64> {
                _ = machine.handle(.exited(RunID(number: run), .exited(code: 1)), at: instant)
            }
        }
        _ = machine.handle(.signalReceived(.shutdown, .terminate), at: instant)
        _ = machine.encoded()
    }
}
