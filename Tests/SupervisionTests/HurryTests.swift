import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("A shutdown whose time runs out")
struct HurryTests {
    private func stopping() -> Script {
        var script = Script([
            group("first", priority: 1, program("a", autostart: true)),
            group("second", priority: 5, program("b", autostart: true)),
            group("third", priority: 9, program("c", autostart: true)),
        ])
        script.advance(2)
        script.tell(.signalReceived(.shutdown, .terminate))
        _ = script.take()
        return script
    }

    @Test("near the deadline every group that is left is told to stop, in the order in which its turn would have come")
    func hurried() {
        var script = stopping()
        script.tell(.hurried)
        let signals = script.take().filter { $0.hasPrefix("signal") }
        #expect(signals == ["signal second:b SIGTERM main", "signal first:a SIGTERM main"])
        // Those that end meanwhile are not told again.
        script.exit("third:c", 0)
        #expect(!script.take().contains { $0.hasPrefix("signal") })
        script.exit("second:b", 0)
        script.exit("first:a", 0)
        #expect(script.take().last == "finished shutdown")
    }

    @Test("when it is over what still runs is killed")
    func overdue() {
        var script = stopping()
        script.tell(.hurried)
        _ = script.take()
        script.tell(.overdue)
        let signals = Set(script.take().filter { $0.hasSuffix("SIGKILL main") && $0.hasPrefix("signal") })
        #expect(
            signals == ["signal third:c SIGKILL main", "signal second:b SIGKILL main", "signal first:a SIGKILL main"])
        for name in ["first:a", "second:b", "third:c"] { script.die(name, of: .kill) }
        #expect(script.take().last == "finished shutdown")
    }

    @Test("neither does anything when nothing is being stopped, or only to begin anew")
    func outOfPlace() {
        var script = Script([group("only", program("a", autostart: true))])
        script.advance(2)
        _ = script.take()
        script.tell(.hurried)
        script.tell(.overdue)
        #expect(script.take() == [])
        script.tell(.signalReceived(.restart, .hangUp))
        _ = script.take()
        script.tell(.overdue)
        #expect(script.take() == [])
    }
}
