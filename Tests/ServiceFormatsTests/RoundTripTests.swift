import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import SystemdFormat
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: [Sample.article, Sample.rich], [Format.systemd, .supervisor])
    func `a job that goes through another format comes back with the same values`(
        job: InputFile, through: Format
    ) throws {
        let there = try Sample.converted(job, to: through)
        let back = try Sample.converted(there, to: .plist)
        #expect(try Sample.value(back) == Sample.value(job), "\(Sample.text(there))")
    }

    @Test(arguments: [Format.plist, .supervisor])
    func `a unit that goes through another format comes back with the same keys`(through: Format) throws {
        let there = try Sample.converted(Sample.unit, to: through)
        let back = try Sample.converted(there, to: .systemd)
        func entries(_ file: InputFile) throws -> Set<SystemdEntries.Entry> {
            Set(SystemdEntries.flatten(try UnitDocument(path: file.path, bytes: file.bytes)))
        }
        #expect(try entries(back) == entries(Sample.unit), "\(Sample.text(there))")
    }

    @Test func `an edit of a native key wins on the way back, and only that`() throws {
        let unit = try Sample.converted(Sample.rich, to: .systemd)
        var edited = unit
        edited.bytes = Array(Sample.text(unit).replacing("User=www", with: "User=other").utf8)
        let back = try Sample.value(try Sample.converted(edited, to: .plist))
        guard case .dictionary(var expected) = try Sample.value(Sample.rich) else { return }
        expected["UserName"] = "other"
        #expect(back == .dictionary(expected))
    }

    @Test func `an edit of what replaced a key that was put aside wins too`() throws {
        let unit = try Sample.converted(Sample.rich, to: .systemd)
        var edited = unit
        edited.bytes = Array(Sample.text(unit).replacing("TimeoutStopSec=20s", with: "TimeoutStopSec=45s").utf8)
        #expect(edited.bytes != unit.bytes)
        #expect(try Sample.value(try Sample.converted(edited, to: .plist))["ExitTimeOut"] == 45)
    }

    @Test func `a removed native key stays removed`() throws {
        let unit = try Sample.converted(Sample.rich, to: .systemd)
        var edited = unit
        edited.bytes = Array(Sample.text(unit).replacing("Nice=5\n", with: "").utf8)
        #expect(edited.bytes != unit.bytes)
        #expect(try Sample.value(try Sample.converted(edited, to: .plist))["Nice"] == nil)
    }

    @Test func `keys that say one thing together come back together or not at all`() throws {
        let job = Sample.plist(
            "<key>Label</key><string>x</string><key>Program</key><string>/bin/old</string><key>OnDemand</key><false/>")
        let unit = try Sample.converted(job, to: .systemd)
        #expect(try Sample.value(try Sample.converted(unit, to: .plist)) == Sample.value(job))
        var edited = unit
        edited.bytes = Array(
            Sample.text(unit).replacing("ExecStart=/bin/old", with: "ExecStart=/bin/new").replacing(
                "Restart=always", with: "Restart=no"
            ).utf8)
        let back = try Sample.value(try Sample.converted(edited, to: .plist))
        #expect(back["Program"] == nil)
        #expect(back["ProgramArguments"] == ["/bin/new"])
        #expect(back["OnDemand"] == nil)
        #expect(back["KeepAlive"] == nil)
        #expect(back["RunAtLoad"] == true)
    }

    @Test(arguments: [
        ("User=www", "User=w2", "UserName"), ("WorkingDirectory=/srv", "WorkingDirectory=/s2", "WorkingDirectory"),
        ("UMask=0027", "UMask=0077", "Umask"), ("Nice=5", "Nice=6", "Nice"), ("A=1", "A=2", "EnvironmentVariables"),
        ("append:/var/log/all.log", "append:/l2", "StandardOutPath"),
        ("RestartSec=9s", "RestartSec=8s", "ThrottleInterval"),
        ("TimeoutStopSec=7s", "TimeoutStopSec=6s", "ExitTimeOut"),
        ("LimitNOFILE=512:512", "LimitNOFILE=5:6", "HardResourceLimits"),
        ("KillMode=process", "KillMode=mixed", "AbandonProcessGroup"), ("Restart=always", "Restart=no", "KeepAlive"),
        ("WantedBy=multi-user.target\n", "", "RunAtLoad"), ("/bin/all x", "/bin/all y", "ProgramArguments"),
    ])
    func `each native key can be edited, and the edit wins`(old: String, new: String, key: String) throws {
        let job = Sample.plist(
            """
            <key>Label</key><string>all</string>
            <key>ProgramArguments</key><array><string>/bin/all</string><string>x</string></array>
            <key>UserName</key><string>www</string><key>WorkingDirectory</key><string>/srv</string>
            <key>Umask</key><integer>23</integer><key>Nice</key><integer>5</integer>
            <key>EnvironmentVariables</key><dict><key>A</key><string>1</string></dict>
            <key>StandardOutPath</key><string>/var/log/all.log</string><key>ThrottleInterval</key><integer>9</integer>
            <key>ExitTimeOut</key><integer>7</integer><key>AbandonProcessGroup</key><true/>
            <key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><integer>512</integer></dict>
            <key>HardResourceLimits</key><dict><key>NumberOfFiles</key><integer>512</integer></dict>
            <key>RunAtLoad</key><true/><key>KeepAlive</key><true/>
            """)
        let unit = try Sample.converted(job, to: .systemd)
        var edited = unit
        let text = Sample.text(unit).replacing(old, with: new)
        // `LimitNOFILE=512:512` is written as one number.
        edited.bytes = Array(
            text.replacing("LimitNOFILE=512\n", with: old.hasPrefix("Limit") ? new + "\n" : "LimitNOFILE=512\n").utf8)
        #expect(edited.bytes != unit.bytes, "\(Sample.text(unit))")
        let before = try Sample.value(job)
        let after = try Sample.value(try Sample.converted(edited, to: .plist))
        #expect(after[key] != before[key], "\(String(describing: after[key]))")
    }
}
