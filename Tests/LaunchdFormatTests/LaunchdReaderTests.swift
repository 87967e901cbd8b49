import LaunchdFormat
import PropertyList
import ServiceModel
import SourceText
import Testing

@Suite struct LaunchdReaderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let body: String
        let expected: @Sendable (Service) -> Bool

        init(_ body: String, _ expected: @escaping @Sendable (Service) -> Bool) {
            self.body = body
            self.expected = expected
        }

        var testDescription: String { body }
    }

    @Test(arguments: [
        Row("<key>UserName</key><string>www</string>") { $0.user?.value == "www" },
        Row("<key>GroupName</key><string>staff</string>") { $0.group?.value == "staff" },
        Row("<key>WorkingDirectory</key><string>/srv</string>") { $0.workingDirectory?.value == "/srv" },
        Row("<key>RootDirectory</key><string>/jail</string>") { $0.rootDirectory?.value == "/jail" },
        Row("<key>Umask</key><integer>18</integer>") { $0.umask?.value == 0o022 },
        Row("<key>Umask</key><string>022</string>") { $0.umask?.value == 0o022 },
        Row("<key>Umask</key><string>0x3f</string>") { $0.umask?.value == 0o077 },
        Row("<key>Nice</key><integer>-5</integer>") { $0.niceness?.value == -5 },
        Row("<key>RunAtLoad</key><true/>") { $0.startsAtLoad?.value == true },
        Row("<key>Disabled</key><true/>") { $0.disabled?.value == true },
        Row("<key>StartInterval</key><integer>300</integer>") { $0.interval?.value == .seconds(300) },
        Row("<key>ThrottleInterval</key><integer>30</integer>") {
            $0.restartDelay?.value == .sinceStart(.seconds(30))
        },
        Row("<key>ExitTimeOut</key><integer>7</integer>") { $0.stopTimeout?.value == .seconds(7) },
        Row("<key>ExitTimeOut</key><integer>0</integer>") { $0.stopTimeout?.value == .infinity },
        Row("<key>AbandonProcessGroup</key><true/>") { $0.endsStragglers?.value == false },
        Row("<key>StandardInPath</key><string>/in</string>") { $0.standardInput?.value == .file("/in") },
        Row("<key>StandardOutPath</key><string>/log</string>") { $0.standardOutput?.value == .file("/log") },
        Row("<key>StandardErrorPath</key><string>/dev/null</string>") { $0.standardError?.value == .null },
        Row("<key>WatchPaths</key><array><string>/a</string></array>") { $0.watchedPaths?.value == ["/a"] },
        Row("<key>QueueDirectories</key><array><string>/q</string></array>") { $0.queueDirectories?.value == ["/q"] },
        Row("<key>EnvironmentVariables</key><dict><key>A</key><string>b c</string></dict>") {
            $0.environment.map(\.name) == ["A"] && $0.environment.first?.value.value == "b c"
        },
        Row("<key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><integer>64</integer></dict>") {
            $0.limits[.openFiles]?.soft?.value == 64 && $0.limits[.openFiles]?.hard == nil
        },
        Row("<key>Program</key><string>/bin/other</string>") {
            $0.command?.value == .words(path: "/bin/other", arguments: ["/bin/sleep", "9"])
        },
    ])
    func `a key goes into its field and is accounted for`(row: Row) throws {
        let result = try LaunchdSample.read(row.body)
        let service = try #require(result.service)
        #expect(row.expected(service))
        #expect(!result.diagnostics.contains { $0.severity == .error })
    }

    @Test(arguments: [
        ("<key>KeepAlive</key><true/>", TerminationSet.all, true),
        ("<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>", .unsuccessful, true),
        ("<key>KeepAlive</key><dict><key>SuccessfulExit</key><true/></dict>", .codes([0]), true),
        ("<key>KeepAlive</key><dict><key>Crashed</key><true/></dict>", KeepAliveRule.crashes, true),
        ("<key>KeepAlive</key><dict><key>Crashed</key><false/></dict>", KeepAliveRule.crashes.inverted, true),
        (
            "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/><key>Crashed</key><true/></dict>",
            .unsuccessful, true
        ),
        (
            "<key>KeepAlive</key><dict><key>SuccessfulExit</key><true/><key>Crashed</key><true/></dict>",
            KeepAliveRule.crashes.union(.codes([0])), true
        ),
        ("<key>OnDemand</key><false/>", .all, true),
        ("<key>KeepAlive</key><dict><key>AfterInitialDemand</key><true/></dict>", .all, false),
        (
            "<key>KeepAlive</key><dict><key>AfterInitialDemand</key><true/><key>SuccessfulExit</key><false/></dict>",
            .unsuccessful, false
        ),
    ])
    func `KeepAlive says after which ends the job restarts, and starts it at load`(
        body: String, ends: TerminationSet, starts: Bool
    ) throws {
        let service = try #require(try LaunchdSample.read(body).service)
        #expect(service.restartOn?.value == ends)
        #expect(service.effective(\.startsAtLoad, \.startsAtLoad) == starts)
    }

    @Test(arguments: [
        ("<key>RunAtLoad</key><string>true</string>", "launchd-wrong-type", "write <true/>"),
        ("<key>RunAtLoad</key><integer>0</integer>", "launchd-wrong-type", "write <false/>"),
        ("<key>StartInterval</key><string>60</string>", "launchd-wrong-type", "write <integer>60</integer>"),
        ("<key>WatchPaths</key><string>/a</string>", "launchd-wrong-type", "write <array><string>/a</string></array>"),
        ("<key>KeepAlive</key><string>YES</string>", "launchd-wrong-type", "write <true/>"),
        ("<key>RunAtLoda</key><true/>", "launchd-unknown-key", "did you mean RunAtLoad?"),
        (
            "<key>runatload</key><true/>", "launchd-key-case",
            "write <key>RunAtLoad</key>: only old launchd did not look at case"
        ),
        ("<key>Umask</key><integer>22</integer>", "launchd-umask-decimal", "write <integer>18</integer> for 022"),
        (
            "<key>StartCalendarInterval</key><dict><key>Hour</key><integer>3</integer></dict>", "launchd-every-minute",
            "add Minute 0"
        ),
        (
            "<key>StartCalendarInterval</key><dict><key>Minute</key><integer>0</integer><key>Day</key><integer>1</integer>"
                + "<key>Weekday</key><integer>1</integer></dict>",
            "launchd-day-or-weekday", "let the program test the other condition"
        ),
        (
            "<key>StartCalendarInterval</key><dict><key>Minute</key><integer>60</integer></dict>", "launchd-range",
            "correct it: launchd does not run the job then"
        ),
        (
            "<key>StartCalendarInterval</key><dict><key>Minute</key><integer>0</integer><key>Month</key><integer>2</integer>"
                + "<key>Day</key><integer>30</integer></dict>",
            "launchd-impossible-date", "launchd moves it into the next month; write a day that exists"
        ),
        (
            "<key>StartCalendarInterval</key><dict><key>Minute</key><integer>0</integer><key>WeekDay</key>"
                + "<integer>1</integer></dict>",
            "launchd-key-case", "write <key>Weekday</key>: only old launchd did not look at case"
        ),
        (
            "<key>StartCalendarInterval</key><dict><key>Minutes</key><integer>0</integer></dict>",
            "launchd-unknown-key", "did you mean Minute?"
        ),
        (
            "<key>StartCalendarInterval</key><dict><key>Minute</key><integer>0</integer><key>Hour</key>"
                + "<integer>-1</integer></dict>",
            "launchd-range", "write 0 to 23, or remove the key"
        ),
        (
            "<key>KeepAlive</key><dict><key>SucessfulExit</key><false/></dict>", "launchd-unknown-key",
            "did you mean SuccessfulExit?"
        ),
        (
            "<key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><string>9</string></dict>", "launchd-limit",
            "write an <integer> from 0"
        ),
        (
            "<key>SoftResourceLimits</key><dict><key>NumberOfFile</key><integer>9</integer></dict>", "launchd-limit",
            "did you mean NumberOfFiles?"
        ),
        (
            "<key>StandardOutPath</key><string>~/log</string>", "launchd-tilde",
            "write the home directory's absolute path"
        ),
        (
            "<key>WorkingDirectory</key><string>$HOME</string>", "launchd-variable",
            "write the value, or run the program through /bin/sh -c"
        ),
        ("<key>WorkingDirectory</key><string>srv</string>", "launchd-relative-path", "write the absolute path"),
        (
            "<key>WorkingDirectory</key><string>{{ root }}/x</string>", "launchd-placeholder",
            "give the file that the template makes"
        ),
        (
            "<key>Program</key><string>@bindir@/x</string>", "launchd-placeholder",
            "give the file that the template makes"
        ),
        (
            "<key>ExitTimeOut</key><integer>0</integer>", "launchd-no-kill",
            "write the seconds that the program needs to end"
        ),
        ("<key>Nice</key><integer>21</integer>", "launchd-range", "correct or remove it"),
        ("<key>ServiceIPC</key><true/>", "launchd-obsolete-key", "remove it"),
        (
            "<key>Program</key><string>bin/x</string>", "launchd-relative-program",
            "write the absolute path: launchd does not find it"
        ),
        (
            "<key>EnvironmentVariables</key><dict><key>N</key><integer>1</integer></dict>", "launchd-wrong-type",
            "write <string>1</string>"
        ),
    ])
    func `a trap is told with its place and what to write`(body: String, code: String, remedy: String) throws {
        let found = try LaunchdSample.read(body).diagnostics
        let diagnostic = try #require(found.first { $0.code == code }, "\(found)")
        #expect(diagnostic.severity == .warning)
        #expect(diagnostic.remedy == remedy)
        #expect(diagnostic.span?.start.line == 5)
    }

    @Test func `a negative number of a calendar rule counts as none`() throws {
        let body =
            "<key>StartCalendarInterval</key><dict><key>Hour</key><integer>-1</integer><key>Minute</key><integer>5</integer></dict>"
        let rule = try #require(try LaunchdSample.read(body).service?.calendar?.value.first)
        #expect(rule.minute == 5)
        #expect(rule.hour == nil)
    }

    @Test(arguments: [
        (#"<string>/bin/ls -l "a b"</string>"#, "<string>/bin/ls</string><string>-l</string><string>a b</string>"),
        ("<string>/bin/ls</string>", "<string>/bin/ls</string>"),
    ])
    func `a command line as one text is shown as the words of an array`(value: String, words: String) throws {
        let body = "<key>Label</key><string>x</string><key>ProgramArguments</key>\n\(value)"
        let found = LaunchdReader().read(try LaunchdSample.document(body).root).diagnostics
        #expect(found.map(\.code) == ["launchd-wrong-type"])
        #expect(found.first?.remedy == "write <array>\(words)</array>")
        #expect(found.first?.message.contains("not an array; launchd refuses the job") == true)
    }

    /// What a shell is given with `-c` is its to expand; nothing else is.
    @Test(arguments: [
        ("<string>/bin/sh</string><string>-c</string><string>echo $HOME</string>", true),
        ("<string>/bin/bash</string><string>-l</string><string>-ec</string><string>echo $HOME</string>", true),
        ("<string>/usr/bin/env</string><string>zsh</string><string>-c</string><string>echo $HOME</string>", true),
        ("<string>/bin/sh</string><string>script</string><string>$HOME</string>", false),
        ("<string>/bin/sh</string><string>-c</string><string>ls \"$1\"</string><string>$HOME</string>", false),
        ("<string>/bin/cat</string><string>$HOME</string>", false),
    ])
    func `variables are the shell's where a shell reads them`(words: String, isInOrder: Bool) throws {
        let body = "<key>Label</key><string>x</string><key>ProgramArguments</key><array>\(words)</array>"
        let found = LaunchdReader().read(try LaunchdSample.document(body).root).diagnostics
        #expect(found.map(\.code) == (isInOrder ? [] : ["launchd-variable"]))
    }

    @Test func `the name of the program does not hide that a shell runs`() throws {
        let body = """
            <key>Label</key><string>x</string><key>Program</key><string>/bin/sh</string><key>ProgramArguments</key>
            <array><string>job</string><string>-c</string><string>echo $HOME</string></array>
            """
        #expect(LaunchdReader().read(try LaunchdSample.document(body).root).diagnostics.isEmpty)
    }

    @Test(arguments: [("<string>Aqua</string>", true), ("<string>System</string>", false)])
    func `session types tell an agent where no directory does`(types: String, isAgent: Bool) throws {
        let body = "<key>UserName</key><string>www</string><key>LimitLoadToSessionType</key>" + types
        #expect(try LaunchdSample.read(body).diagnostics.map(\.code) == (isAgent ? ["launchd-agent-user"] : []))
    }

    @Test func `a key of an agent's user is told only for agents`() throws {
        let body = "<key>UserName</key><string>www</string>"
        #expect(try LaunchdSample.read(body, isAgent: true).diagnostics.map(\.code) == ["launchd-agent-user"])
        #expect(try LaunchdSample.read(body, isAgent: false).diagnostics.isEmpty)
    }

    @Test(arguments: [
        ("<key>ProgramArguments</key><array><string>/bin/true</string></array>", "launchd-no-label"),
        ("<key>Label</key><string></string><key>Program</key><string>/bin/true</string>", "launchd-label"),
        (
            "<key>Label</key><string>COM.apple.launchd.x</string><key>Program</key><string>/bin/true</string>",
            "launchd-label"
        ),
        ("<key>Label</key><string>x</string>", "launchd-no-program"),
        ("<key>Label</key><string>x</string><key>ProgramArguments</key><array/>", "launchd-no-program"),
        (
            "<key>Label</key><string>x</string><key>ProgramArguments</key><string>/bin/a b</string>",
            "launchd-wrong-type"
        ),
        ("<key>Label</key><integer>5</integer><key>Program</key><string>/bin/a</string>", "launchd-wrong-type"),
        (
            "<key>Label</key><string>x</string><key>ProgramArguments</key><array><string>/a</string><integer>1</integer></array>",
            "launchd-argument-type"
        ),
    ])
    func `what launchd refuses is an error with a place`(body: String, code: String) throws {
        let result = LaunchdReader().read(try LaunchdSample.document(body).root)
        #expect(result.service == nil)
        let error = try #require(result.diagnostics.first { $0.severity == .error })
        #expect(error.code == code)
        #expect(error.span != nil)
    }

    @Test func `keys without a field keep their value and its type`() throws {
        let body =
            "<key>MachServices</key><dict><key>a.b</key><true/></dict><key>X</key><real>1</real>"
            + "<key>Y</key><data>AAE=</data><key>LaunchEvents</key><dict/>"
        let job = try #require(try LaunchdSample.rewritten(body))
        #expect(job["MachServices"] == ["a.b": true])
        #expect(job["X"] == .real(1))
        #expect(job["Y"] == .data([0, 1]))
        #expect(job["LaunchEvents"] == [:])
    }
}
