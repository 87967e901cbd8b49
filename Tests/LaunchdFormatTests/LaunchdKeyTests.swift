import LaunchdFormat
import PropertyList
import ServiceModel
import SourceText
import Testing

@Suite("Every key of launchd.plist(5), and those that real files have besides")
struct LaunchdKeyTests {
    private static let yes = "<true/>"
    private static let text = "<string>/x</string>"
    private static let list = "<array><string>/x</string></array>"
    private static let table = "<dict><key>k</key><true/></dict>"

    /// A key and a value of the kind that launchd wants.
    static let keys: [(key: String, value: String)] = [
        ("Disabled", yes), ("UserName", text), ("GroupName", text), ("InitGroups", yes), ("LimitLoadToHosts", list),
        ("LimitLoadFromHosts", list), ("LimitLoadToHardware", "<dict><key>model</key>\(list)</dict>"),
        ("LimitLoadFromHardware", "<dict><key>model</key>\(list)</dict>"),
        ("LimitLoadToSessionType", "<string>Aqua</string>"), ("Program", text), ("BundleProgram", text),
        ("AssociatedBundleIdentifiers", text), ("EnableGlobbing", yes), ("Umask", "<integer>18</integer>"),
        ("RootDirectory", text), ("WorkingDirectory", text), ("SessionCreate", yes), ("AbandonProcessGroup", yes),
        ("HopefullyExitsFirst", yes), ("HopefullyExitsLast", yes), ("ServiceIPC", yes), ("ServiceDescription", text),
        ("SHAuthorizationRight", text), ("RunAtLoad", yes), ("KeepAlive", yes), ("OnDemand", yes),
        ("LaunchOnlyOnce", yes), ("StartInterval", "<integer>60</integer>"),
        ("StartCalendarInterval", "<dict><key>Minute</key><integer>5</integer></dict>"), ("StartOnMount", yes),
        ("WatchPaths", list), ("QueueDirectories", list), ("LaunchEvents", table), ("MachServices", table),
        ("Sockets", "<dict><key>L</key><dict><key>SockServiceName</key><string>http</string></dict></dict>"),
        ("inetdCompatibility", "<dict><key>Wait</key><true/></dict>"), ("EnableTransactions", yes),
        ("EnablePressuredExit", yes), ("ThrottleInterval", "<integer>9</integer>"),
        ("ExitTimeOut", "<integer>9</integer>"), ("TimeOut", "<integer>9</integer>"),
        ("EnvironmentVariables", "<dict><key>A</key><string>b</string></dict>"), ("UserEnvironmentVariables", table),
        ("StandardInPath", text), ("StandardOutPath", text), ("StandardErrorPath", text),
        ("SoftResourceLimits", "<dict><key>NumberOfFiles</key><integer>64</integer></dict>"),
        ("HardResourceLimits", "<dict><key>NumberOfFiles</key><integer>64</integer></dict>"),
        ("Nice", "<integer>5</integer>"), ("ProcessType", "<string>Background</string>"),
        ("POSIXSpawnType", "<string>Adaptive</string>"), ("LowPriorityIO", yes), ("LowPriorityBackgroundIO", yes),
        ("MaterializeDatalessFiles", yes), ("LegacyTimers", yes), ("Debug", yes), ("WaitForDebugger", yes),
        ("BeginTransactionAtShutdown", yes), ("JetsamProperties", table), ("MultipleInstances", yes),
        ("DisableASLR", yes), ("SandboxProfile", text), ("SandboxFlags", "<integer>1</integer>"), ("Policies", table),
        ("JoinGUISession", yes), ("BinaryOrderPreference", list), ("IgnoreProcessGroupAtShutdown", yes),
        ("CFBundleIdentifier", text), ("MachExceptionHandler", text), ("ShutdownMonitor", yes), ("EventMonitor", yes),
        ("SpawnConstraint", table), ("MinimalBootProfile", yes), ("PublishesEvents", table),
        ("_LimitLoadToVariant", text), ("_LimitLoadFromVariant", text), ("_PanicOnCrash", table),
        ("_ExponentialThrottling", yes), ("PreventsSleep", yes), ("RunLoopType", text),
    ]

    @Test("is known, counted once, and comes back as it was", arguments: keys.map(\.key))
    func known(key: String) throws {
        let value = try #require(Self.keys.first { $0.key == key }).value
        let body = "<key>\(key)</key>\(value)"
        let result = try LaunchdSample.read(body)
        #expect(!result.diagnostics.contains { $0.code == "launchd-unknown-key" || $0.code == "launchd-wrong-type" })
        #expect(result.keys.count { $0.name == key || $0.name.hasPrefix(key + ".") } == 1)
        let wanted = try #require(try LaunchdSample.document(body).plain.dictionary?[key])
        #expect(try LaunchdSample.rewritten(body)?[key] == wanted)
    }

    @Test("of the wrong kind is told, kept, and comes back", arguments: keys.map(\.key).filter { $0 != "Program" })
    func wrongKind(key: String) throws {
        // launchd takes a date for no key at all.
        let body = "<key>\(key)</key><date>2020-01-01T00:00:00Z</date>"
        let result = try LaunchdSample.read(body)
        let warning = try #require(
            result.diagnostics.first { $0.code == "launchd-wrong-type" }, "\(result.diagnostics)")
        #expect(warning.remedy?.hasPrefix("write <") == true)
        #expect(warning.span?.start.line == 5)
        let wanted = try #require(try LaunchdSample.document(body).plain.dictionary?[key])
        #expect(try LaunchdSample.rewritten(body)?[key] == wanted)
    }
}

@Suite("Traps that launchd hides")
struct LaunchdTrapTests {
    private static func arguments(_ words: String...) -> String {
        "<key>ProgramArguments</key><array>" + words.map { "<string>\($0)</string>" }.joined() + "</array>"
    }

    private static func socket(_ body: String) -> String {
        "<key>Sockets</key><dict><key>L</key><dict>\(body)</dict></dict>"
    }

    static let traps: [(body: String, code: String, remedy: String)] = [
        (
            arguments("/bin/a", "&amp;&amp;", "/bin/b"), "launchd-shell-syntax",
            "write /bin/sh, -c and the whole line as one <string>"
        ),
        (arguments("/bin/a -v"), "launchd-one-word", "write a <string> of ProgramArguments for each word"),
        ("<key>EnableGlobbing</key><true/>", "launchd-globbing", "use /bin/sh -c"),
        ("<key>InitGroups</key><true/>", "launchd-without-user", "add UserName"),
        (
            "<key>KeepAlive</key><true/><key>EnablePressuredExit</key><true/>", "launchd-ignored-together",
            "remove one of them"
        ),
        ("<key>inetdCompatibility</key><dict/>", "launchd-without-sockets", "add Sockets, or remove it"),
        ("<key>KeepAlive</key><true/><key>OnDemand</key><true/>", "launchd-ignored-together", "remove OnDemand"),
        ("<key>StartInterval</key><integer>5</integer>", "launchd-throttled", "write ThrottleInterval 5 too"),
        ("<key>ProcessType</key><string>background</string>", "launchd-word", "write Background"),
        (
            "<key>LimitLoadToSessionType</key><array><string>GUI</string></array>", "launchd-word",
            "write one of Aqua, Background, LoginWindow, StandardIO, System"
        ),
        ("<key>LimitLoadToHosts</key><array/>", "launchd-obsolete-key", "remove it"),
        (
            "<key>SoftResourceLimits</key><dict><key>Core</key><integer>9</integer></dict>"
                + "<key>HardResourceLimits</key><dict><key>Core</key><integer>8</integer></dict>",
            "launchd-limit-order", "raise the hard limit or lower the soft one"
        ),
        (
            "<key>KeepAlive</key><dict><key>PathState</key><dict><key>/x</key><string>true</string></dict></dict>",
            "launchd-wrong-type", "write <true/> or <false/>"
        ),
        (
            "<key>KeepAlive</key><dict><key>PathState</key><dict><key>x</key><true/></dict></dict>",
            "launchd-relative-path", "write the absolute path"
        ),
        (
            "<key>KeepAlive</key><dict><key>NetworkState</key><true/></dict>", "launchd-network-state",
            "remove it; let the program wait for the network"
        ),
        (
            "<key>KeepAlive</key><true/><key>RunAtLoad</key><false/>", "launchd-run-at-load", "remove RunAtLoad"
        ),
        (
            socket("<key>SockPathMode</key><integer>666</integer>"), "launchd-mode-decimal",
            "write <integer>438</integer> for 0666"
        ),
        (socket("<key>SockPassive</key><string>YES</string>"), "launchd-wrong-type", "write <true/> or <false/>"),
        (socket("<key>SockType</key><string>tcp</string>"), "launchd-word", "write one of stream, dgram, seqpacket"),
        (socket("<key>sockpathname</key><string>/x</string>"), "launchd-unknown-key", "write SockPathName"),
        (
            "<key>WorkingDirectory</key><string>$(pwd)</string>", "launchd-variable",
            "write the value, or run the program through /bin/sh -c"
        ),
    ]

    @Test("is told with its place and what to write", arguments: traps.indices)
    func trap(index: Int) throws {
        let (body, code, remedy) = Self.traps[index]
        let found = try LaunchdSample.read(body).diagnostics
        let diagnostic = try #require(found.first { $0.code == code && $0.remedy == remedy }, "\(body): \(found)")
        #expect(diagnostic.severity == .warning)
        #expect(diagnostic.span?.start.line == 5)
    }

    @Test(
        "depends on whether the job is an agent",
        arguments: [
            ("<key>Nice</key><integer>-5</integer>", true, "launchd-agent-nice"),
            ("<key>RootDirectory</key><string>/x</string>", true, "launchd-agent-root"),
            ("<key>GroupName</key><string>staff</string>", false, "launchd-group-alone"),
            ("<key>LimitLoadToSessionType</key><string>Aqua</string>", false, "launchd-daemon-session"),
        ])
    func place(body: String, isAgent: Bool, code: String) throws {
        #expect(try LaunchdSample.read(body, isAgent: isAgent).diagnostics.map(\.code) == [code])
        #expect(try !LaunchdSample.read(body, isAgent: !isAgent).diagnostics.map(\.code).contains(code))
        #expect(try LaunchdSample.read(body).diagnostics.isEmpty)
    }

    @Test(
        "is not seen where there is none",
        arguments: [
            arguments("/bin/sh", "-c", "a &amp;&amp; b | c > $HOME/x"), arguments("/bin/a b"),
            arguments("/bin/a", "-v"),
            socket("<key>SockPathMode</key><integer>438</integer><key>SockServiceName</key><integer>80</integer>"),
            "<key>StartInterval</key><integer>5</integer><key>ThrottleInterval</key><integer>5</integer>",
        ])
    func innocent(body: String) throws {
        #expect(try LaunchdSample.read(body).diagnostics.isEmpty)
    }
}
