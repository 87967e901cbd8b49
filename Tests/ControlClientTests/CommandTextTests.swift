import ControlClient
import Kernel
import Testing
import XMLRPC

/// One command against one scripted daemon: standard output and exit status as supervisorctl 4.3.0 has them.
struct CommandRow: Sendable, CustomTestStringConvertible {
    var line: String
    var answers: [String: Result<XMLRPCValue, ClientError>]
    var output: String
    var status: Int32

    init(
        _ line: String, _ answers: [String: Result<XMLRPCValue, ClientError>] = [:], _ output: String,
        _ status: Int32 = 0
    ) {
        (self.line, self.answers, self.output, self.status) = (line, answers, output, status)
    }

    var testDescription: String { "\(line) -> \(status)" }
}

@Suite struct CommandTextTests {
    private static let all: Result<XMLRPCValue, ClientError> = .success([
        .process("a", pid: 7, "pid 7, uptime 0:00:01"), .process("g1", "STARTING", group: "g"),
        .process("g2", "BACKOFF", group: "g", "Exited too quickly"),
    ])
    private static let mixed: Result<XMLRPCValue, ClientError> = .success([
        .process("a", pid: 7, "pid 7, uptime 0:00:01"), .process("b", "FATAL", "can't find"),
    ])
    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: width - text.count)
    }
    private static let lineA = pad("a", 33) + "RUNNING   pid 7, uptime 0:00:01\n"
    private static let startHelp =
        "start <name>\t\tStart a process\nstart <gname>:*\t\tStart all processes in a group\n"
        + "start <name> <name>\tStart multiple processes or groups\nstart all\t\tStart all processes\n"
    private static let yes: Result<XMLRPCValue, ClientError> = .success(true)

    static let looking = [
        CommandRow(
            "status", ["getAllProcessInfo": all],
            lineA + pad("g:g1", 33) + "STARTING  \n" + pad("g:g2", 33) + "BACKOFF   Exited too quickly\n"),
        CommandRow("status", ["getAllProcessInfo": mixed], lineA + pad("b", 33) + "FATAL     can't find\n", 3),
        CommandRow("status a", ["getAllProcessInfo": mixed], lineA),
        CommandRow("status a zz", ["getAllProcessInfo": all], "zz: ERROR (no such process)\n" + lineA, 4),
        CommandRow(
            "status b zz", ["getAllProcessInfo": mixed],
            "zz: ERROR (no such process)\n" + pad("b", 33) + "FATAL     can't find\n", 3),
        CommandRow("status zz:*", ["getAllProcessInfo": all], "zz: ERROR (no such group)\n", 4),
        CommandRow("status g", ["getAllProcessInfo": all], "g: ERROR (no such process)\n", 4),
        CommandRow(
            "status g:*", ["getAllProcessInfo": all],
            pad("g:g1", 33) + "STARTING  \n" + pad("g:g2", 33) + "BACKOFF   Exited too quickly\n"),
        CommandRow(
            "status zz all", ["getAllProcessInfo": .success([.process("a", "RUNNING", "x")])],
            pad("a", 33) + "RUNNING   x\n"),
        CommandRow(
            "status",
            ["getAllProcessInfo": .success([.process(String(repeating: "n", count: 40), "RUNNING", "x")])],
            String(repeating: "n", count: 40) + "   RUNNING   x\n"),
        CommandRow("status", ["getAllProcessInfo": .success([])], ""),
        CommandRow("pid", ["getPID": .success(99)], "99\n"),
        CommandRow("pid a", ["getProcessInfo": .success(.process("a", pid: 7))], "7\n"),
        CommandRow("pid b", ["getProcessInfo": .success(.process("b", "STOPPED"))], "0\n", 7),
        CommandRow("pid all", ["getAllProcessInfo": all], "7\n0\n0\n"),
        CommandRow("pid zz", ["getProcessInfo": .fault(10, "BAD_NAME: zz")], "No such process zz\n", 1),
        CommandRow("version", ["getSupervisorVersion": .success("4.3.0")], "4.3.0\n"),
        CommandRow(
            "version x", [:],
            "Error: version accepts no arguments\nversion\t\t\tShow the version of the remote supervisord process\n", 1),
        CommandRow(
            "avail",
            [
                "getAllConfigInfo": .success([
                    [
                        "name": "a", "group": "a", "inuse": true, "autostart": true, "group_prio": 999,
                        "process_prio": 999,
                    ],
                    [
                        "name": "p", "group": "g", "inuse": false, "autostart": false, "group_prio": 5,
                        "process_prio": -1,
                    ],
                ])
            ],
            pad("a", 32) + " in use    auto      999:999\n" + pad("g:p", 32) + " avail     manual    5:-1\n"),
        CommandRow(
            "avail", ["getAllConfigInfo": .fault(6, "SHUTDOWN_STATE")], "ERROR: supervisor shutting down\n", 1),
    ]

    static let acting = [
        CommandRow("start a", ["startProcess": yes], "a: started\n"),
        CommandRow("start a:a", ["startProcess": yes], "a: started\n"),
        CommandRow("start g:p", ["startProcess": .fault(60, "ALREADY_STARTED: g:p")], "g:p: ERROR (already started)\n"),
        CommandRow("start a", ["startProcess": .fault(50, "SPAWN_ERROR: a")], "a: ERROR (spawn error)\n", 7),
        CommandRow("start a", ["startProcess": .fault(40, "x")], "a: ERROR (abnormal termination)\n", 7),
        CommandRow("start a", ["startProcess": .fault(20, "x")], "a: ERROR (no such file)\n", 1),
        CommandRow("start a", ["startProcess": .fault(21, "x")], "a: ERROR (file is not executable)\n", 1),
        CommandRow("start zz", ["startProcess": .fault(10, "x")], "zz: ERROR (no such process)\n", 1),
        CommandRow(
            "start a", ["startProcess": .fault(30, "x")],
            "error: <class 'ValueError'>, Unknown result code 30 for a: file: svinstall line: 0\n", 1),
        CommandRow("start zz:*", ["startProcessGroup": .fault(10, "x")], "zz: ERROR (no such group)\n", 2),
        CommandRow(
            "start g:*", ["startProcessGroup": .success([.result("p", 80, group: "g"), .result("q", 50, group: "g")])],
            "g:p: started\ng:q: ERROR (spawn error)\n", 7),
        CommandRow("start x all", ["startAllProcesses": .success([.result("a", 80)])], "a: started\n"),
        CommandRow("start", [:], "Error: start requires a process name\n" + startHelp, 2),
        CommandRow("stop a", ["stopProcess": yes], "a: stopped\n"),
        CommandRow("stop a", ["stopProcess": .fault(70, "x")], "a: ERROR (not running)\n"),
        CommandRow("stop zz", ["stopProcess": .fault(10, "x")], "zz: ERROR (no such process)\n", 1),
        CommandRow("stop a", ["stopProcess": .fault(30, "FAILED: why")], "FAILED: why\n", 1),
        CommandRow("stop zz:*", ["stopProcessGroup": .fault(10, "x")], "zz: ERROR (no such group)\n", 1),
        CommandRow("stop all", ["stopAllProcesses": .success([.result("a", 80)])], "a: stopped\n"),
        CommandRow("restart a", ["stopProcess": yes, "startProcess": yes], "a: stopped\na: started\n"),
        CommandRow(
            "restart a", ["stopProcess": .fault(70, "x"), "startProcess": yes],
            "a: ERROR (not running)\na: started\n"),
        CommandRow("signal HUP a", ["signalProcess": yes], "a: signalled\n"),
        CommandRow("signal FOO a", ["signalProcess": .fault(11, "x")], "a: ERROR (bad signal name)\n", 1),
        CommandRow("signal HUP a", ["signalProcess": .fault(70, "x")], "a: ERROR (not running)\n", 7),
        CommandRow(
            "signal FOO g:*", ["signalProcessGroup": .success([.result("p", 11, group: "g")])],
            "g:p: ERROR (bad signal name)\n", 1),
        CommandRow("signal HUP zz:*", ["signalProcessGroup": .fault(10, "x")], "zz: ERROR (no such group)\n", 1),
        CommandRow("signal HUP all", ["signalAllProcesses": .success([.result("a", 80)])], "a: signalled\n"),
        CommandRow("clear a", ["clearProcessLogs": yes], "a: cleared\n"),
        CommandRow("clear g:*", ["clearProcessLogs": .fault(10, "x")], "g:None: ERROR (no such process)\n", 1),
        CommandRow("clear a", ["clearProcessLogs": .fault(30, "x")], "a: ERROR (failed)\n", 1),
        CommandRow("clear all", ["clearAllProcessLogs": .success([.result("a", 80)])], "a: cleared\n"),
    ]

    static let logs = [
        CommandRow("tail a", ["readProcessStdoutLog": .success("x\ny\n")], "x\ny\n\n"),
        CommandRow("tail -100 a stderr", ["readProcessStderrLog": .success("e")], "e\n"),
        CommandRow("tail a STDERR", ["readProcessStderrLog": .success("e")], "e\n"),
        CommandRow("tail a", ["readProcessStdoutLog": .fault(20, "x")], "a: ERROR (no log file)\n", 1),
        CommandRow("tail a", ["readProcessStdoutLog": .fault(30, "x")], "a: ERROR (unknown error reading log)\n", 1),
        CommandRow("tail zz", ["readProcessStdoutLog": .fault(10, "x")], "zz: ERROR (no such process name)\n", 1),
        CommandRow("tail a stdin", [:], "Error: bad channel 'stdin'\n", 1),
        CommandRow("tail -abc a", [:], "Error: bad argument -abc\n", 1),
        CommandRow("tail -f", [:], "Error: tail requires process name\n", 1),
        CommandRow("maintail", ["readLog": .success("m")], "m\n"),
        CommandRow("maintail", ["readLog": .fault(20, "x")], "supervisord: ERROR (no log file)\n", 1),
        CommandRow("maintail x", [:], "Error: bad argument x\n", 1),
        CommandRow("maintail -x", [:], "Error: bad argument -x\n", 1),
    ]

    static let configuring = [
        CommandRow(
            "reread", ["reloadConfig": .success([[["c", "b"], ["a"], ["d"]]])],
            "a: changed\nb: available\nc: available\nd: disappeared\n"),
        CommandRow("reread", ["reloadConfig": .success([[[], [], []]])], "No config updates to processes\n"),
        CommandRow("reread", ["reloadConfig": .fault(92, "CANT_REREAD: why")], "ERROR: CANT_REREAD: why\n", 1),
        CommandRow("reread", ["reloadConfig": .fault(6, "x")], "ERROR: supervisor shutting down\n", 1),
        CommandRow("update", ["reloadConfig": .success([[[], [], []]])], ""),
        CommandRow(
            "update",
            [
                "reloadConfig": .success([[["n"], ["c"], ["r"]]]), "stopProcessGroup": .success([]),
                "removeProcessGroup": yes, "addProcessGroup": yes,
            ],
            "r: stopped\nr: removed process group\nc: stopped\nc: updated process group\nn: added process group\n"),
        CommandRow(
            "update",
            [
                "reloadConfig": .success([[[], [], ["r"]]]),
                "stopProcessGroup": .success([.result("r", 30, "FAILED: no")]),
            ], "r: stopped\nr: has problems; not removing\n", 1),
        CommandRow(
            "update zz",
            ["reloadConfig": .success([[["n"], [], []]]), "getAllProcessInfo": .success([.process("a")])],
            "ERROR: no such group: zz\n", 1),
        CommandRow(
            "update n",
            [
                "reloadConfig": .success([[["n", "o"], [], []]]), "getAllProcessInfo": .success([]),
                "addProcessGroup": yes,
            ], "n: added process group\n"),
        CommandRow("update", ["reloadConfig": .fault(6, "x")], "ERROR: already shutting down\n", 1),
        CommandRow(
            "update", ["reloadConfig": .fault(92, "CANT_REREAD: it's broken")],
            "error: <class 'xmlrpc.client.Fault'>, <Fault 92: \"CANT_REREAD: it's broken\">: file: svinstall line: 0\n",
            1),
        CommandRow("add n", ["addProcessGroup": yes], "n: added process group\n"),
        CommandRow("add n", ["addProcessGroup": .fault(90, "x")], "ERROR: process group already active\n"),
        CommandRow("add zz", ["addProcessGroup": .fault(10, "x")], "ERROR: no such process/group: zz\n", 1),
        CommandRow("add n", ["addProcessGroup": .fault(6, "x")], "ERROR: shutting down\n", 1),
        CommandRow("remove n", ["removeProcessGroup": yes], "n: removed process group\n"),
        CommandRow("remove n", ["removeProcessGroup": .fault(91, "x")], "ERROR: process/group still running: n\n", 1),
        CommandRow("remove zz", ["removeProcessGroup": .fault(10, "x")], "ERROR: no such process/group: zz\n", 1),
        CommandRow("shutdown", ["shutdown": yes], "Shut down\n"),
        CommandRow("shutdown", ["shutdown": .fault(6, "x")], "ERROR: already shutting down\n"),
        CommandRow(
            "shutdown", ["shutdown": .system(.noEntry)],
            "ERROR: unix:///s.sock no such file (already shut down?)\n", 1),
        CommandRow(
            "shutdown", ["shutdown": .system(.connectionRefused)],
            "ERROR: unix:///s.sock refused connection (already shut down?)\n", 1),
        CommandRow(
            "shutdown now", [:],
            "Error: shutdown accepts no arguments\nshutdown \tShut the remote supervisord down.\n", 1),
        CommandRow("reload", ["restart": yes], "Restarted supervisord\n"),
        CommandRow("reload", ["restart": .fault(6, "x")], "ERROR: already shutting down\n", 1),
        CommandRow("open ftp://x", [:], "ERROR: url must be http:// or unix://\n", 1),
        CommandRow("open http://h:1", ["getVersion": .system(.connectionRefused)], "http://h:1 refused connection\n"),
    ]

    static let trouble = [
        CommandRow("status", ["getVersion": .system(.connectionRefused)], "unix:///s.sock refused connection\n", 4),
        CommandRow("status", ["getVersion": .system(.noEntry)], "unix:///s.sock no such file\n", 4),
        CommandRow("start a", ["getVersion": .system(.connectionRefused)], "unix:///s.sock refused connection\n", 4),
        CommandRow("pid", ["getVersion": .system(.noEntry)], "unix:///s.sock no such file\n", 7),
        CommandRow(
            "reread", ["reloadConfig": .system(.noEntry)],
            "error: <class 'FileNotFoundError'>, [Errno 2] No such file or directory: file: svinstall line: 0\n", 1),
        CommandRow(
            "status", ["getVersion": .fault(6, "SHUTDOWN_STATE")],
            "error: <class 'xmlrpc.client.Fault'>, <Fault 6: 'SHUTDOWN_STATE'>: file: svinstall line: 0\n", 1),
        CommandRow(
            "status", ["getVersion": .failure(.status(401, reason: "Unauthorized"))],
            "Server requires authentication\nerror: <class 'xmlrpc.client.ProtocolError'>, <ProtocolError for "
                + "127.0.0.1/RPC2: 401 Unauthorized>: file: svinstall line: 0\n", 1),
        CommandRow(
            "status", ["getVersion": .success("2.0")],
            "Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the remote "
                + "version is 2.0.\n", 4),
        CommandRow("bogus", [:], "*** Unknown syntax: bogus\n", 1),
        CommandRow("-x a", [:], "*** Unknown syntax: -x a\n", 1),
        CommandRow("!ls", [:], "*** Unknown syntax: !ls\n", 1),
        CommandRow("status;", ["getAllProcessInfo": all], ";: ERROR (no such process)\n", 4),
        CommandRow("help bogus", [:], "*** No help on bogus\n"),
        CommandRow("?pid zz", [:], "*** No help on pid zz\n"),
        CommandRow(
            "help help", [:], "help\t\tPrint a list of available actions\nhelp <action>\tPrint help for <action>\n"),
        CommandRow("quit", [:], "\n"),
        CommandRow("EOF", [:], "\n"),
        CommandRow(
            "help", [:],
            """

            default commands (type help <topic>):
            =====================================
            add    exit      open  reload  restart   start   tail\u{20}\u{20}\u{20}
            avail  fg        pid   remove  shutdown  status  update\u{20}
            clear  maintail  quit  reread  signal    stop    version


            """),
    ]

    @Test(arguments: looking) func `words that look`(_ row: CommandRow) { check(row) }
    @Test(arguments: acting) func `words that act on processes`(_ row: CommandRow) { check(row) }
    @Test(arguments: logs) func `words about logs`(_ row: CommandRow) { check(row) }
    @Test(arguments: configuring) func `words about the configuration and the daemon`(_ row: CommandRow) { check(row) }
    @Test(arguments: trouble) func `what nobody wants to see`(_ row: CommandRow) { check(row) }

    private func check(_ row: CommandRow) {
        let trial = Trial(row.answers)
        #expect(trial.run(row.line) == row.status)
        #expect(trial.output.text == row.output)
        #expect(trial.notes.text.isEmpty)
    }

    @Test(arguments: [
        ("tail -100 redis", "readProcessStdoutLog(redis,-100,0)"),
        ("tail redis", "readProcessStdoutLog(redis,-1600,0)"),
        ("tail -0 redis", "readProcessStdoutLog(redis,0,0)"), ("maintail -5", "readLog(-5,0)"),
        ("signal HUP g:*", "signalProcessGroup(g,HUP)"), ("start g:p", "startProcess(g:p)"),
        ("stop g:", "stopProcessGroup(g)"),
    ])
    func `words reach the daemon unmangled`(line: String, call: String) {
        let trial = Trial(["readProcessStdoutLog": .success(""), "readLog": .success("")])
        _ = trial.run(line)
        #expect(trial.daemon.calls.first == call)
    }

    @Test func `all stops come before all starts`() {
        let trial = Trial(["stopProcess": .success(true), "startProcess": .success(true)])
        #expect(trial.run("restart a b") == 0)
        #expect(trial.daemon.calls == ["stopProcess(a)", "stopProcess(b)", "startProcess(a)", "startProcess(b)"])
    }

    @Test func `update stops, removes and adds a changed group in that order`() {
        let trial = Trial([
            "reloadConfig": .success([[[], ["c"], []]]), "stopProcessGroup": .success([]),
            "removeProcessGroup": .success(true), "addProcessGroup": .success(true),
        ])
        _ = trial.run("update")
        #expect(
            trial.daemon.calls == [
                "reloadConfig()", "stopProcessGroup(c)", "removeProcessGroup(c)", "addProcessGroup(c)",
            ])
    }
}
