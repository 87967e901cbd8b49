import ControlClient
import Testing
import XMLRPC

/// What svinstall's own words add to supervisorctl's.
@Suite struct OwnMannersTests {
    private func trial(
        _ staleness: String?, _ answers: [String: Result<XMLRPCValue, ClientError>] = [:],
        _ manners: ControlSession.Manners = .svinstall
    ) -> Trial {
        let trial = Trial(
            [
                "getAllProcessInfo": .success([.process("redis"), .process("web")]), "stopProcess": .success(true),
                "startProcess": .success(true),
            ].merging(answers) { $1 }, manners)
        if let staleness { trial.daemon.resources["/svinstall/v1/staleness"] = (200, Array(staleness.utf8)) }
        return trial
    }

    private static let changed =
        #"{"added":["new"],"changed":["redis"],"removed":["old"],"details":["redis: command: a -> b"],"problem":null}"#

    @Test func `status says on standard error what changed on disk`() {
        let trial = trial(Self.changed)
        #expect(trial.run("status") == 0)
        #expect(trial.output.text.split(separator: "\n").count == 2)
        #expect(
            trial.notes.text == """
                svinstall: redis: config changed on disk; apply with svinstall update
                svinstall: old: no longer in the config on disk; take it out with svinstall update
                svinstall: new: new in the config on disk; start it with svinstall update

                """)
    }

    @Test func `only what was asked for is told`() {
        let trial = trial(Self.changed)
        #expect(trial.run("status web") == 0)
        #expect(trial.notes.text.isEmpty)
    }

    @Test func `restart says that the old definition still runs, and how to apply the new one`() {
        let trial = trial(Self.changed)
        #expect(trial.run("restart redis") == 0)
        #expect(trial.output.text == "redis: stopped\nredis: started\n")
        #expect(
            trial.notes.text
                == "svinstall: redis: still runs the old definition; apply the new one with svinstall restart --update redis\n"
        )
    }

    @Test func `a configuration that cannot be used is told`() {
        let trial = trial(#"{"added":[],"changed":[],"removed":[],"details":[],"problem":"x.conf:3: bad\nline"}"#)
        _ = trial.run("status")
        #expect(
            trial.notes.text
                == "svinstall: the configuration on disk cannot be used: x.conf:3: bad\\nline; what runs goes on as it was\n"
        )
    }

    @Test func `called as supervisorctl nothing is added and nothing is asked`() {
        let trial = trial(Self.changed, [:], .supervisorctl)
        _ = trial.run("status")
        #expect(trial.notes.text.isEmpty)
        #expect(trial.daemon.paths.isEmpty)
    }

    @Test func `an old supervisord is met with silence`() {
        let trial = trial(nil)
        _ = trial.run("status")
        #expect(trial.notes.text.isEmpty)
    }

    @Test func `a plan is printed line by line, and nothing is done`() {
        let trial = trial(Self.changed)
        #expect(trial.run("update --plan") == 0)
        #expect(
            trial.output.text == """
                old: would be stopped and removed
                redis: would be stopped and started with its new definition
                  redis: command: a -> b
                new: would be added

                """)
        #expect(trial.daemon.calls.isEmpty)
    }

    @Test func `a plan without changes says so`() {
        let trial = trial(#"{"added":[],"changed":[],"removed":[],"details":[],"problem":null}"#)
        #expect(trial.run("update --plan") == 0)
        #expect(trial.output.text == "nothing would change\n")
    }

    @Test func `restart --update applies the change with exactly one restart`() {
        let trial = trial(
            Self.changed,
            [
                "reloadConfig": .success([[[], ["redis"], []]]), "stopProcessGroup": .success([]),
                "removeProcessGroup": .success(true), "addProcessGroup": .success(true),
            ])
        trial.daemon.answers["getAllProcessInfo"] = [
            .success([.process("redis", "STARTING")]), .success([.process("redis", "RUNNING")]),
        ]
        #expect(trial.run("restart --update redis") == 0)
        #expect(trial.output.text == "redis: stopped\nredis: updated process group\nredis: started\n")
        #expect(
            trial.daemon.calls.filter { !$0.hasPrefix("getAll") } == [
                "reloadConfig()", "stopProcessGroup(redis)", "removeProcessGroup(redis)", "addProcessGroup(redis)",
            ])
        #expect(trial.person.pauses == 1)
    }

    @Test func `restart --update of what did not change is a restart`() {
        let trial = trial(nil, ["reloadConfig": .success([[[], ["redis"], []]])])
        #expect(trial.run("restart --update web") == 0)
        #expect(trial.output.text == "web: stopped\nweb: started\n")
    }

    @Test func `restart --update of a broken configuration restarts nothing`() {
        let trial = trial(nil, ["reloadConfig": .fault(92, "CANT_REREAD: bad")])
        #expect(trial.run("restart --update redis") == 1)
        #expect(trial.output.text == "ERROR: CANT_REREAD: bad\n")
        #expect(trial.daemon.calls == ["reloadConfig()"])
    }

    @Test func `restart --update starts what does not start by itself`() {
        let trial = trial(
            nil,
            [
                "reloadConfig": .success([[[], ["redis"], []]]), "stopProcessGroup": .success([]),
                "removeProcessGroup": .success(true), "addProcessGroup": .success(true),
                "getAllProcessInfo": .success([.process("redis", "STOPPED")]),
            ])
        #expect(trial.run("restart --update redis") == 0)
        #expect(trial.daemon.calls.last == "startProcess(redis)")
        #expect(trial.output.text.hasSuffix("redis: started\n"))
    }

    @Test func `states are coloured on a terminal only`() {
        let terminal = trial(nil)
        terminal.output.isTerminal = true
        _ = terminal.run("status")
        #expect(terminal.output.text.contains("\u{1B}[32mRUNNING   \u{1B}[0m"))
        let pipe = trial(nil)
        _ = pipe.run("status")
        #expect(!pipe.output.text.contains("\u{1B}"))
    }

    @Test func `status --json is for scripts`() {
        let trial = trial(nil, ["getAllProcessInfo": .success([.process("redis", "FATAL", "why \"so\"")])])
        #expect(trial.run("status --json") == 3)
        #expect(trial.output.text.contains(#""state": "FATAL""#))
        #expect(trial.output.text.contains(#""description": "why \"so\"""#))
    }
}
