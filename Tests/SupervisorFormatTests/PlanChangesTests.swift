import ServiceModel
import SupervisorFormat
import Testing

/// Which groups an update would touch, and what it says about them.
@Suite struct PlanChangesTests {
    private func changes(_ before: String, _ after: String) throws -> PlanChanges {
        func plan(_ text: String) throws -> Plan {
            let bytes = Array(("[supervisord]\n" + text).utf8)
            return try SupervisorReader(world: MemoryWorld()).plan(path: "/s.conf", bytes: bytes)
        }
        return PlanChanges(from: try plan(before), to: try plan(after))
    }

    private func program(_ name: String, _ keys: String = "") -> String {
        "[program:\(name)]\ncommand=\(name)\n\(keys)\n"
    }

    @Test("removed groups come by priority, then name")
    func order() throws {
        let before = program("c", "priority=1") + program("a") + program("b")
        #expect(try changes(before, program("d")).removed == ["c", "a", "b"])
    }

    @Test("added, changed and removed groups, in the original's order")
    func kinds() throws {
        let changes = try changes(
            program("a") + program("b") + program("z"),
            program("d") + program("a", "priority=5") + program("c"))
        #expect(changes.added == ["c", "d"])
        #expect(changes.changed == ["a"])
        #expect(changes.removed == ["b", "z"])
        #expect(
            changes.details == [
                "a: priority: \"999\" -> \"5\"", "a: priority: \"999\" -> \"5\"", "c: new", "d: new", "b: removed",
                "z: removed",
            ])
    }

    private static let same: [(before: String, after: String)] = [
        ("[program:a]\ncommand=x\n[program:b]\ncommand=y", "[program:b]\ncommand=y\n[program:a]\ncommand=x"),
        ("[program:a]\ncommand=x", "[program:a]\nstartsecs=1\ncommand=x\npriority=999\nunknown=1"),
        ("[program:a]\ncommand=x\nenvironment=A=1,B=2", "[program:a]\ncommand=x\nenvironment=B=2,A=1"),
        ("[program:a]\ncommand=x\nuser=root", "[program:a]\ncommand=x\nuser=0"),
        ("[program:a]\ncommand=x\nstopasgroup=true", "[program:a]\ncommand=x\nstopasgroup=true\nkillasgroup=true"),
        ("[program:a]\ncommand=x", "[program:a]\ncommand=x\n[x-svinstall:a]\n1=launchd K =v"),
        ("[program:a]\ncommand=x\nstopsignal=15", "[program:a]\ncommand=x\nstopsignal=SIGTERM"),
        ("[program:a]\ncommand=x\nstdout_logfile=auto", "[program:a]\ncommand=x"),
    ]

    @Test("what means the same is no change", arguments: same)
    func unchanged(before: String, after: String) throws {
        #expect(try changes(before, after).isEmpty)
    }

    private static let different: [(before: String, after: String, detail: String)] = [
        ("", "stdout_logfile=/tmp/x", "a: stdout_logfile: \"AUTO\" -> \"/tmp/x\""),
        ("stdout_logfile=/tmp/x", "stdout_logfile=AUTO", "a: stdout_logfile: \"/tmp/x\" -> \"AUTO\""),
        ("", "command=other -x", "a: command: \"a\" -> \"other -x\""),
        ("environment=A=1", "environment=A=2", "a: environment A: \"1\" -> \"2\""),
        ("environment=A=1", "", "a: environment A: \"1\" -> (not set)"),
        ("", "user=kim", "a: user: (not set) -> \"kim\""), ("", "umask=077", "a: umask: (not set) -> \"077\""),
        ("", "autorestart=true", "a: autorestart: \"unexpected\" -> \"true\""),
        ("", "exitcodes=0,2", "a: exitcodes: \"0\" -> \"0,2\""),
        ("exitcodes=0,2", "exitcodes=2,0", "a: exitcodes: \"0,2\" -> \"2,0\""),
        ("", "redirect_stderr=true", "a: redirect_stderr: \"false\" -> \"true\""),
        ("", "stopasgroup=1", "a: stopasgroup: \"false\" -> \"true\""),
        ("", "killasgroup=1", "a: killasgroup: \"false\" -> \"true\""),
        ("", "stderr_syslog=1", "a: stderr_syslog: \"false\" -> \"true\""),
        ("", "stdout_logfile_backups=0", "a: stdout_logfile_backups: \"10\" -> \"0\""),
        ("", "stdout_capture_maxbytes=1KB", "a: stdout_capture_maxbytes: \"0\" -> \"1KB\""),
        ("", "serverurl=x", "a: serverurl: (not set) -> \"x\""),
        ("", "restart_delay=5", "a: restart_delay: (not set) -> \"5\""),
        ("", "startretries=9", "a: startretries: \"3\" -> \"9\""),
    ]

    @Test("every key makes a change, told in one line", arguments: different)
    func changed(before: String, after: String, detail: String) throws {
        let changes = try changes(program("a", before), program("a", after))
        #expect(changes.changed == ["a"])
        #expect(changes.details.first == detail)
    }

    @Test("every key of the daemon's environment and every log makes a change, there and back")
    func bothWays() throws {
        let base = "environment=A=1\n" + program("a")
        let other = "environment=A=2\n" + program("a")
        #expect(try changes(base, other).details == ["a: environment A: \"1\" -> \"2\""])
        for stream in ["stdout", "stderr"] {
            for log in ["NONE", "/tmp/x"] {
                let named = program("a", "\(stream)_logfile=\(log)")
                #expect(try changes(program("a"), named).changed == ["a"])
                #expect(try changes(named, program("a", "\(stream)_logfile=AUTO")).changed == ["a"])
            }
        }
    }

    @Test("a program that becomes a group of its own name with the same process is the same")
    func groupOfOne() throws {
        #expect(try changes(program("a"), program("a") + "[group:a]\nprograms=a").isEmpty)
        let listener = "[eventlistener:a]\ncommand=a\nevents=EVENT\npriority=999\n"
        #expect(try changes(program("a"), listener).details.first == "a: kind: \"program\" -> \"eventlistener\"")
    }

    @Test("groups change by their programs, their order and their pools")
    func groups() throws {
        let programs = program("a") + program("b")
        #expect(
            try changes(programs + "[group:g]\nprograms=a,b", programs + "[group:g]\nprograms=b,a").details
                == ["g: programs: \"a,b\" -> \"b,a\""])
        let listener = "[eventlistener:e]\ncommand=x\n"
        #expect(try changes(listener + "events=TICK_5,TICK_60", listener + "events=TICK_60,TICK_5").isEmpty)
        #expect(
            try changes(listener + "events=TICK_5", listener + "events=TICK_5\nbuffer_size=3").details
                == ["e: buffer_size: \"10\" -> \"3\""])
        let socket = "[fcgi-program:f]\ncommand=x\nsocket=unix:///tmp/s\n"
        #expect(try changes(socket, socket + "socket_mode=0777").isEmpty, "the original compares the address alone")
        #expect(
            try changes(
                programs + "[group:g]\nprograms=a", programs + "[group:g]\nprograms=a\n[program:a]\nstartsecs=9"
            )
            .details == ["g:a: startsecs: \"1\" -> \"9\""])
    }
}
