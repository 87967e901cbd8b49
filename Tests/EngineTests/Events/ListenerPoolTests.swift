import Engine
import ServiceModel
import Supervision
import Testing

/// Who is told of what, in which order, and what happens to what nobody takes.
@Suite struct ListenerPoolTests {
    static let first = ProgramID(number: 1)
    static let second = ProgramID(number: 2)

    static func event(_ number: UInt64) -> QueuedEvent {
        QueuedEvent(payload: .remote(type: "t", data: "\(number)"), serial: number, poolSerial: number)
    }

    static func pool(_ events: [String] = ["EVENT"], buffer: Int = 10) -> ListenerPool {
        var pool = ListenerPool(name: "l", EventPool(events: events, bufferSize: buffer, resultHandler: ""))
        pool.members = [first, second]
        return pool
    }

    /// Serials in the order in which somebody who takes everything gets them.
    static func drain(_ pool: ListenerPool) -> [UInt64] {
        var pool = pool
        var serials: [UInt64] = []
        _ = pool.dispatch { _, event in
            serials.append(event.serial)
            return true
        }
        return serials
    }

    @Test(arguments: [
        (["EVENT"], EventType.tick5, 1), (["TICK"], .tick5, 1), (["tick_5"], .tick5, 1), (["TICK_60"], .tick5, 0),
        (["PROCESS_STATE", "PROCESS_STATE_RUNNING"], .processRunning, 2), (["EVENT", "TICK", "TICK_5"], .tick5, 3),
        (["PROCESS_STATE"], .outputLog, 0),
    ]) func everySubscriptionThatCoversATypeCounts(_ events: [String], _ type: EventType, _ count: Int) {
        #expect(Self.pool(events).subscriptions(to: type) == count)
    }

    @Test func whenTheBufferIsFullTheOldestGoes() {
        var pool = Self.pool(buffer: 2)
        var notes: [PoolNote] = []
        for number in 1...4 { notes += pool.append(Self.event(UInt64(number))) }
        #expect(Self.drain(pool) == [3, 4])
        #expect(
            notes.map { "\($0.level.tag) \($0.text)" } == [
                "ERRO pool l event buffer overflowed, discarding event 1",
                "ERRO pool l event buffer overflowed, discarding event 2",
            ])
    }

    @Test func whatComesBackIsFirstAgain() {
        var pool = Self.pool(buffer: 2)
        _ = pool.append(Self.event(2))
        let notes = pool.takeBack(Self.event(1))
        #expect(Self.drain(pool) == [1, 2])
        #expect(notes.map(\.text) == ["rebuffering event 1 for pool l (buf size=1, max=2)"])
    }

    @Test func whatComesBackToAFullBufferTakesTheOldestOnesPlace() {
        var pool = Self.pool(buffer: 2)
        for number in 2...3 { _ = pool.append(Self.event(UInt64(number))) }
        let notes = pool.takeBack(Self.event(1))
        #expect(Self.drain(pool) == [1, 3])
        #expect(notes.last?.text == "pool l event buffer overflowed, discarding event 2")
    }

    @Test func theFirstMemberThatTakesItGetsIt() {
        var pool = Self.pool()
        for number in 1...3 { _ = pool.append(Self.event(UInt64(number))) }
        var taken: [ProgramID: UInt64] = [:]
        _ = pool.dispatch { program, event in
            if taken[program] != nil { return false }
            taken[program] = event.serial
            return true
        }
        #expect(taken == [Self.first: 1, Self.second: 2])
        #expect(Self.drain(pool) == [3])
    }

    @Test func oneThatNobodyTakesHoldsUpTheOthers() {
        var pool = Self.pool()
        for number in 1...3 { _ = pool.append(Self.event(UInt64(number))) }
        var asked: [UInt64] = []
        _ = pool.dispatch { _, event in
            asked.append(event.serial)
            return false
        }
        #expect(asked == [1, 1])
        #expect(pool.waiting == 3)
    }

    @Test func whatWaitsIsBoundedInBytesToo() {
        var pool = Self.pool(buffer: 1_000_000)
        let data = String(repeating: "x", count: 1 << 20)
        for number in 0..<200 {
            _ = pool.append(
                QueuedEvent(payload: .remote(type: "t", data: data), serial: UInt64(number), poolSerial: 0))
        }
        #expect(pool.waiting <= 65)
        #expect(Self.drain(pool).last == 199)
    }

    @Test(arguments: 0..<50) func aQueueIsAQueueWhateverIsDoneToIt(_ seed: Int) {
        var generator = SeededGenerator(UInt64(seed))
        var queue = EventQueue()
        var model: [QueuedEvent] = []
        for number in 0..<2000 {
            let event = Self.event(UInt64(number))
            switch Int.random(in: 0..<9, using: &generator) {
            case 0..<4:
                queue.append(event)
                model.append(event)
            case 4:
                queue.prepend(event)
                model.insert(event, at: 0)
            default:
                let taken = queue.takeFirst()
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(taken == expected)
            }
            #expect(queue.count == model.count)
            #expect(queue.bytes == model.reduce(0) { $0 + $1.payload.bytes.count })
        }
    }
}

/// Numbers, and the ways of an event through several pools.
@Suite struct EventDeskTests {
    static func desk(_ pools: [(String, [String])], serial: EventSerial = EventSerial()) -> EventDesk {
        var desk = EventDesk(serial)
        for (index, (name, events)) in pools.enumerated() {
            desk.open(ListenerPool(name: name, EventPool(events: events, bufferSize: 10, resultHandler: "")))
            desk.add(ProgramID(number: UInt32(index)), to: name)
        }
        return desk
    }

    /// `pool serial poolserial` of everything that waits.
    static func drain(_ desk: inout EventDesk) -> [String] {
        var told: [String] = []
        _ = desk.distribute()
        _ = desk.dispatch { pool, _, event in
            told.append("\(pool) \(event.serial) \(event.poolSerial)")
            return true
        }
        return told
    }

    @Test func anEventHasOneNumberForAllAndOneForEachPool() {
        var desk = Self.desk([("a", ["TICK"]), ("b", ["EVENT"])])
        desk.outbox.post(.remote(type: "", data: ""))
        desk.outbox.post(.tick(Tick(period: .five, when: 5)))
        #expect(Self.drain(&desk) == ["a 1 0", "b 0 0", "b 1 1"])
    }

    @Test func whatNobodyTakesHasNoNumber() {
        var desk = Self.desk([("a", ["TICK"])])
        desk.outbox.post(.remote(type: "", data: ""))
        desk.outbox.post(.tick(Tick(period: .five, when: 5)))
        #expect(Self.drain(&desk) == ["a 0 0"])
    }

    @Test func twoSubscriptionsThatCoverItGetItTwiceUnderOneNumber() {
        var desk = Self.desk([("a", ["TICK", "TICK_5"])])
        desk.outbox.post(.tick(Tick(period: .five, when: 5)))
        #expect(Self.drain(&desk) == ["a 0 0", "a 0 0"])
    }

    @Test func aRejectedEventComesBackToItsOwnPoolAlone() {
        var desk = Self.desk([("a", ["TICK"]), ("b", ["TICK_3600"])])
        let event = QueuedEvent(payload: .tick(Tick(period: .five, when: 5)), serial: 7, poolSerial: 3)
        _ = desk.takeBack(event, into: "a")
        #expect(Self.drain(&desk) == ["a 7 3"])
    }

    @Test func numbersGoOnWhereTheLastDeskEnded() {
        let serial = EventSerial()
        for expected in ["a 0 0", "a 1 0"] {
            var desk = Self.desk([("a", ["TICK"])], serial: serial)
            desk.outbox.post(.tick(Tick(period: .five, when: 5)))
            #expect(Self.drain(&desk) == [expected])
        }
    }

    @Test func aPoolThatIsGoneGetsNothing() {
        var desk = Self.desk([("a", ["EVENT"])])
        desk.close("a")
        #expect(!desk.isHeard)
        desk.outbox.post(.daemonRunning)
        #expect(Self.drain(&desk) == [])
    }
}

/// What a program wrote is told before its end.
@Suite struct EventOutboxTests {
    static let program = ProgramID(number: 1)
    static let other = ProgramID(number: 2)

    static func event(_ text: String) -> EventPayload { .groupAdded(text) }

    static func take(_ outbox: inout EventOutbox) -> [String] {
        outbox.takeReady().map { String(String(decoding: $0.bytes, as: UTF8.self).dropFirst(10).dropLast()) }
    }

    @Test func nothingIsHeldBackForNothing() {
        var outbox = EventOutbox()
        outbox.post(Self.event("a"))
        outbox.post(Self.event("b"), of: Self.program)
        #expect(Self.take(&outbox) == ["a", "b"])
        #expect(outbox.isEmpty)
    }

    @Test func theEndWaitsForTheLastOutput() {
        var outbox = EventOutbox()
        outbox.post(Self.event("before"))
        outbox.hold(1, for: Self.program)
        outbox.post(Self.event("exited"))
        #expect(Self.take(&outbox) == ["before"])
        outbox.post(Self.event("output"), of: Self.program)
        outbox.post(Self.event("more"), of: Self.program)
        outbox.post(Self.event("other's"), of: Self.other)
        #expect(Self.take(&outbox) == ["output", "more"])
        outbox.release(1)
        #expect(Self.take(&outbox) == ["exited", "other's"])
        #expect(outbox.isEmpty)
    }

    @Test func severalEndsKeepTheirOrder() {
        var outbox = EventOutbox()
        outbox.hold(1, for: Self.program)
        outbox.post(Self.event("first exited"))
        outbox.hold(2, for: Self.other)
        outbox.post(Self.event("second exited"))
        outbox.release(2)
        #expect(Self.take(&outbox) == [])
        outbox.post(Self.event("first's output"), of: Self.program)
        outbox.release(1)
        #expect(Self.take(&outbox) == ["first's output", "first exited", "second exited"])
    }

    @Test func releasingWhatIsNotHeldDoesNothing() {
        var outbox = EventOutbox()
        outbox.post(Self.event("a"))
        outbox.release(9)
        #expect(Self.take(&outbox) == ["a"])
    }

    @Test func itDoesNotGrowWithoutEnd() {
        var outbox = EventOutbox()
        outbox.hold(1, for: Self.program)
        for number in 0...EventOutbox.limit { outbox.post(Self.event("\(number)")) }
        #expect(Self.take(&outbox).count == EventOutbox.limit + 1)
    }
}
