import ServiceModel
import SourceText
import Supervision
import Testing

@Suite("Groups")
struct GroupTests {
    @Test("at boot groups start by priority, and inside a group as configured, whatever the programs' priorities")
    func bootOrder() {
        var script = Script(
            [
                group("late", priority: 20, program("x", autostart: true)),
                group(
                    "g", priority: 10, program("p3", priority: 3, autostart: true),
                    program("p1", priority: 1, autostart: true), program("manual"),
                    program("p2", priority: 2, autostart: true)),
            ], started: false)
        script.tell(.started)
        #expect(
            script.take().filter { $0.hasPrefix("spawn ") } == [
                "spawn g:p3", "spawn g:p1", "spawn g:p2", "spawn late:x",
            ])
    }

    @Test("an added group is adopted, announced, answered, and then its programs start")
    func add() {
        var script = Script()
        script.request(.addGroup(group("g", program("b", autostart: true), program("a"))))
        #expect(
            script.take() == [
                "adopt g:b", "adopt g:a", "added g", "reply 1 done", "g:b STOPPED>STARTING tries:0", "spawn g:b",
                "INFO spawned: 'b' with pid 101",
            ])
        script.request(.addGroup(group("g", program("c"))))
        #expect(script.take() == ["reply 2 fault ALREADY_ADDED: g"])
        #expect(script.machine.programs.map(\.name) == ["a", "b"])
        #expect(script.machine.groupNames == ["g"])
    }

    @Test("only a group at rest can be removed; BACKOFF is not at rest")
    func remove() {
        var script = Script([group("g", program("a", autostart: true), program("b"))])
        script.request(.removeGroup("g"))
        #expect(script.take() == ["reply 2 fault STILL_RUNNING: g"])
        script.exit("g:a", 1)
        _ = script.take()
        script.request(.removeGroup("g"))
        #expect(script.take() == ["reply 3 fault STILL_RUNNING: g"])
        script.request(.stop(process("g:a"), waits: true))
        _ = script.take()
        script.request(.removeGroup("g"))
        #expect(script.take() == ["release g:a", "release g:b", "removed g", "reply 5 done"])
        #expect(script.machine.programs.isEmpty)
        #expect(script.status("g:a") == nil)
    }

    @Test("a program removed while it awaits its restart leaves no timer; an id is never used again")
    func removeAwaiting() {
        let policy = program("a", autostart: true, autorestart: .all) { $0.restartDelay = .afterExit(.seconds(9)) }
        var script = Script(policy)
        script.advance(2)
        script.exit("a", 0)
        #expect(script.wait == 9)
        let old = script.ids["a"]
        script.request(.removeGroup("a"))
        #expect(script.machine.nextDeadline == nil)
        script.request(.addGroup(group("a", policy)))
        #expect(script.ids["a"] != old)
        #expect(script.state("a") == .starting)
    }

    @Test("of two programs of one name the later survives, in the earlier's place")
    func sameName() {
        var script = Script([group("g", program("a", priority: 1), program("b"), program("a", priority: 7))])
        #expect(script.ids["g:a"].flatMap(script.machine.policy)?.priority == 7)
        script.request(.start(.group("g"), waits: false))
        #expect(script.take().filter { $0.hasPrefix("spawn g") } == ["spawn g:a", "spawn g:b"])
    }

    @Test("programs are listed by group name, then name, by code points")
    func listing() {
        let script = Script([
            group("b", program("é"), program("z"), program("Z")), group("a:", program("x")), group("a", program("x")),
        ])
        #expect(script.machine.programs.map { "\($0.group)/\($0.name)" } == ["a/x", "a:/x", "b/Z", "b/z", "b/é"])
    }

    @Test("changes are told once, by program, and include those that went")
    func changes() {
        var script = Script(program("a", autostart: true), program("b"))
        let a = script.ids["a"], b = script.ids["b"]
        #expect(script.machine.takeChanges() == [a, b].compactMap { $0 })
        #expect(script.machine.takeChanges() == [])
        script.advance(1)
        #expect(script.machine.takeChanges() == [a].compactMap { $0 })
        script.request(.removeGroup("b"))
        #expect(script.machine.takeChanges() == [b].compactMap { $0 })
        #expect(b.flatMap(script.machine.status) == nil)
    }
}
