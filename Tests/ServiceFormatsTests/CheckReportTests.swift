import PropertyList
import ServiceFormats
import SourceText
import Testing

/// `check`: what it finds in supervisor config, and what its report for programs tells.
@Suite struct CheckReportTests {
    private func report(_ text: String) -> CheckReport {
        CheckReport(InputFile(path: "/a.conf", bytes: Array(text.utf8)), world: TestWorld())
    }

    private static let python: [(section: String, place: String, words: String)] = [
        (
            "[rpcinterface:x]\nsupervisor.rpcinterface_factory=their:make", "/a.conf:3:33",
            "[rpcinterface:x] is skipped: its factory their:make is Python and cannot be loaded; its methods are not offered"
        ),
        (
            "[ctlplugin:x]\nsupervisor.ctl_factory=their:make", "/a.conf:3:24",
            "[ctlplugin:x] is skipped: its factory their:make is Python and cannot be loaded; its commands are not offered"
        ),
        (
            "[eventlistener:x]\nresult_handler=their:handler\ncommand=x\nevents=EVENT", "/a.conf:3:16",
            "The result_handler their:handler of [eventlistener:x] is Python and cannot be loaded; the default handler is "
                + "used instead"
        ),
    ]

    @Test("Python of others is flagged where it stands", arguments: python)
    func plugins(section: String, place: String, words: String) {
        let problems = report("[supervisord]\n" + section + "\n[supervisorctl]\n").problems
        #expect(problems.map(\.description) == ["\(place): warning: \(words)"])
    }

    @Test("a mistake of the client's section is found; a file without that section is in order")
    func client() {
        #expect(report("[supervisord]\n").problems.isEmpty)
        let problems = report("[supervisord]\n[supervisorctl]\nprompt=%(zz)s\n").problems
        #expect(problems.map { $0.span?.start.line } == [3])
    }

    @Test("the report holds the values in force")
    func values() {
        let json = report("[supervisord]\nloglevel=warn\n[program:a]\ncommand=x %%\nstartsecs=5\nstopsignal=hup\n").json
        #expect(json["supervisord"]?["daemon"]?["loglevel"] == "warn")
        let process = json["supervisord"]?["groups"]?.array?.first?["processes"]?.array?.first
        #expect(process?["command"] == "x %")
        #expect(process?["startsecs"] == 5)
        #expect(process?["stopsignal"] == 1)
        #expect(process?["stdout_logfile"] == "AUTO")
        #expect(json["supervisorctl"]?["refusal"] == ".ini file does not include supervisorctl section")
    }

    @Test("a refused file tells its refusal and its place")
    func refusal() {
        let json = report("[supervisord]\n[program:a]\ncommand=x\nuser=nosuch\n").json
        #expect(
            json["supervisord"]?["refusal"] == "Invalid user name nosuch in section 'program:a' (file: '/a.conf')")
        #expect(json["problems"]?.array?.first?["source"]?["line"] == 4)
    }

    @Test func `every problem of a configuration is told, each at its place`() {
        let text = """
            [program:x]
            command=/bin/x
            autorestart=maybe
            [program:y]
            command=/bin/y
               %(foo)s
            startsecs=1.5
            [program:none]
            priority=1
            [program:last]
            command=/bin/"last
            umask=9

            """
        let file = InputFile(path: "s.conf", bytes: Array(text.utf8))
        let found = Check.check(file, world: AnywhereWorld())
        #expect(found.compactMap(\.span?.start.line) == [3, 5, 7, 8, 11, 12], "\(found)")
    }
}
