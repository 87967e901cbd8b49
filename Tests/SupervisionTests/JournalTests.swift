import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("Replay")
struct JournalTests {
    private func recorded() -> Script {
        var script = Script([
            group("web", priority: 10, program("a", autostart: true), program("b", autostart: true, startsecs: .zero)),
            group("db", priority: 5, program("d", autostart: true)),
        ])
        script.advance(0.5)
        script.exit("web:a", 1)
        script.die("web:b", of: .kill)
        script.disturbClocks(wall: -5_000_000_000, asleep: 7_000_000_000)
        script.advance(3)
        script.request(.stop(.group("web"), waits: true))
        script.advance(11)
        script.die("web:a", of: .kill)
        script.exit("web:b", 0)
        script.request(.removeGroup("web"))
        script.request(.start(.all, waits: true))
        script.tell(.signalReceived(.shutdown, .terminate))
        script.exit("db:d", 0)
        return script
    }

    @Test("a journal of instants, events and actions replays")
    func replay() {
        let script = recorded()
        #expect(script.journal.last?.actions.last == .finished(.shutdown))
        var machine = Machine()
        for entry in script.journal { #expect(machine.handle(entry.event, at: entry.instant) == entry.actions) }
        #expect(machine.encoded() == script.machine.encoded())
    }

    @Test("and from the state saved at any of its entries")
    func replayFromState() throws {
        let journal = recorded().journal
        var machine = Machine()
        for (index, entry) in journal.enumerated() {
            var copy = try Machine(decoding: machine.encoded())
            for later in journal[index...] { #expect(copy.handle(later.event, at: later.instant) == later.actions) }
            _ = machine.handle(entry.event, at: entry.instant)
        }
    }
}

@Suite("Size")
struct SizeTests {
    /// Each program rings once a second. With work in proportion to all programs at each ring this takes minutes.
    @Test("ten thousand programs cost no more for each event than a few")
    func manyPrograms() {
        let count = 10_000
        let names = (0..<count).map { "p\($0)" }
        var script = Script([
            GroupPolicy(name: "g", priority: 1, programs: names.map { program($0, autostart: true) })
        ])
        script.advance(1)
        #expect(script.machine.programs.allSatisfy { $0.state == .running })
        script.request(.stop(.all, waits: true))
        for name in names { script.exit("g:" + name, 0) }
        #expect(script.machine.programs.allSatisfy { $0.state == .stopped })
        #expect(script.machine.nextDeadline == nil)
    }
}
