import ControlClient
import Testing
import XMLRPC

@Suite struct FollowingTests {
    @Test(arguments: [
        ("tail -f a", "/logtail/a/stdout"), ("tail -f g:p stderr", "/logtail/g:p/stderr"),
        ("tail -f prög", "/logtail/pr%C3%B6g/stdout"), ("maintail -f", "/mainlogtail"),
    ])
    func `tail -f streams until Ctrl-C`(line: String, path: String) {
        let trial = Trial()
        trial.daemon.events = [.data(Array("one\n".utf8)), .data(Array("two\n".utf8)), .interrupted, .data([0x78])]
        #expect(trial.run(line) == 0)
        #expect(trial.daemon.paths == [path])
        #expect(trial.output.text == "==> Press Ctrl-C to exit <==\none\ntwo\n\n")
    }

    @Test func `a log that cannot be had is told on standard error, and is no failure`() {
        let trial = Trial()
        trial.daemon.events = [.refused(path: "/logtail/nope/stdout", reason: "Cannot read, status code 404"), .ended]
        #expect(trial.run("tail -f nope") == 0)
        #expect(trial.output.text == "==> Press Ctrl-C to exit <==\n")
        #expect(trial.notes.text == "unix:///s.sock/logtail/nope/stdout Cannot read, status code 404\n")
    }

    private func foreground(_ events: [FollowEvent], _ answers: [String: Result<XMLRPCValue, ClientError>] = [:])
        -> Trial
    {
        let trial = Trial(
            ["getProcessInfo": .success(.process("a")), "sendProcessStdin": .success(true)].merging(answers) { $1 })
        trial.daemon.events = events
        return trial
    }

    @Test func `fg shows both logs and sends lines`() {
        let trial = foreground([.data([0x78]), .line("hello"), .ended, .line("again"), .interrupted])
        #expect(trial.run("fg a") == 0)
        #expect(trial.daemon.paths == ["/logtail/a/stdout", "/logtail/a/stderr"])
        #expect(
            trial.daemon.calls.filter { $0.hasPrefix("send") } == [
                "sendProcessStdin(a,hello\n)", "sendProcessStdin(a,again\n)",
            ])
        #expect(trial.output.text == "==> Press Ctrl-C to exit <==\nxExiting foreground\n")
    }

    @Test func `fg ends with its program`() {
        let trial = foreground([.line("x"), .line("y")], ["sendProcessStdin": .fault(70, "NOT_RUNNING: a")])
        #expect(trial.run("fg a") == 0)
        #expect(trial.output.text == "==> Press Ctrl-C to exit <==\nProcess got killed\nExiting foreground\n")
    }

    @Test(arguments: [
        (
            "fg",
            "ERROR: no process name supplied\nfg <process>\tConnect to a process in foreground mode\n\t\tCtrl-C to exit\n"
        ),
        ("fg a b", "ERROR: too many process names supplied\n"),
    ])
    func `fg wants one name`(line: String, output: String) {
        let trial = foreground([])
        #expect(trial.run(line) == 1)
        #expect(trial.output.text == output)
    }

    @Test(arguments: [
        (Result<XMLRPCValue, ClientError>.fault(10, "BAD_NAME: a"), "ERROR: bad process name supplied\n"),
        (.success(.process("a", "STOPPED")), "ERROR: process not running\n"),
    ])
    func `fg wants a running program`(answer: Result<XMLRPCValue, ClientError>, output: String) {
        let trial = foreground([], ["getProcessInfo": answer])
        #expect(trial.run("fg a") == 1)
        #expect(trial.output.text == output)
    }
}
