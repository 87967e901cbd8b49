import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// Each native key of a file that came from another format is edited; the edit is there after the way back and forth.
@Suite struct EditTests {
    /// One file of each format that says as much as it can.
    static let rich: [Format: InputFile] = [
        .plist: Sample.plist(
            """
            <key>Label</key><string>all</string>
            <key>ProgramArguments</key><array><string>/bin/all</string><string>x</string></array>
            <key>UserName</key><string>www</string><key>WorkingDirectory</key><string>/srv</string>
            <key>GroupName</key><string>staff</string><key>RootDirectory</key><string>/jail</string>
            <key>Umask</key><integer>22</integer><key>Nice</key><integer>5</integer>
            <key>EnvironmentVariables</key><dict><key>A</key><string>1</string></dict>
            <key>StandardOutPath</key><string>/var/log/all.log</string><key>ThrottleInterval</key><integer>9</integer>
            <key>ExitTimeOut</key><integer>7</integer><key>AbandonProcessGroup</key><true/>
            <key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><integer>512</integer></dict>
            <key>HardResourceLimits</key><dict><key>NumberOfFiles</key><integer>512</integer></dict>
            <key>RunAtLoad</key><true/><key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
            <key>MachServices</key><dict><key>a</key><true/></dict>
            """),
        .systemd: InputFile(
            path: "all.service",
            bytes: Array(
                """
                [Unit]
                Description=All
                After=network.target
                StartLimitIntervalSec=20s
                StartLimitBurst=3
                [Service]
                Type=simple
                ExecStart=/bin/all x
                User=www
                Group=staff
                WorkingDirectory=/srv
                UMask=0026
                Environment=A=1
                Restart=on-failure
                RestartSec=5s
                SuccessExitStatus=7
                TimeoutStopSec=7s
                KillSignal=INT
                KillMode=control-group
                LimitNOFILE=512
                StandardOutput=append:/var/log/all.log
                Nice=5
                ProtectHome=yes
                [Install]
                WantedBy=multi-user.target
                """.utf8), looksAround: false),
        .supervisor: InputFile(
            path: "all.conf",
            bytes: Array(
                """
                [program:all]
                command=/bin/all x
                directory=/srv
                user=www
                umask=026
                environment=A="1"
                priority=5
                autostart=true
                autorestart=unexpected
                exitcodes=0,7
                startsecs=3
                startretries=4
                stopsignal=INT
                stopwaitsecs=7
                stopasgroup=true
                killasgroup=true
                stdout_logfile=/var/log/all.log
                stdout_logfile_maxbytes=1MB
                redirect_stderr=true
                own=1
                """.utf8), looksAround: false),
    ]

    private struct Edit {
        let path: [String]
        let value: String
        let apply: (inout NativeFile) throws -> Void
    }

    /// Every key of a format's tables with its values.
    private static func edits(_ format: Format) -> [Edit] {
        switch format {
        case .plist:
            return KeySamples.launchd.flatMap { key, values in
                values.map { value in
                    Edit(path: [key], value: "\(value.sorted)") { try $0.set([key], to: value) }
                }
            }
        case .systemd:
            return KeySamples.systemd.flatMap { path, values in
                values.filter { $0 != "~" }.map { value in
                    Edit(path: path, value: value) { try $0.set(path, to: value) }
                }
            }
        default:
            return KeySamples.supervisor.flatMap { key, values in
                values.map { value in Edit(path: [key], value: value) { try $0.set([key], to: value) } }
            }
        }
    }

    @Test(arguments: GeneratedRoundTripTests.Pairing.all)
    func `each native key can be edited, and the edit wins on the way back`(
        pairing: GeneratedRoundTripTests.Pairing
    ) throws {
        try editAll(of: try #require(Self.rich[pairing.from]), pairing, Self.edits(pairing.through))
    }

    /// Services that are started by time, by files and by connections.
    static let started: [Format: InputFile] = [
        .plist: Sample.plist(
            """
            <key>Label</key><string>all</string>
            <key>ProgramArguments</key><array><string>/bin/all</string></array>
            <key>StartCalendarInterval</key><dict><key>Hour</key><integer>3</integer></dict>
            <key>StartInterval</key><integer>600</integer>
            <key>WatchPaths</key><array><string>/etc/all</string></array>
            <key>QueueDirectories</key><array><string>/var/spool/all</string></array>
            <key>Sockets</key><dict>
            <key>web</key><array>
            <dict><key>SockServiceName</key><string>http</string><key>Bonjour</key><true/></dict>
            <dict><key>SockPathName</key><string>/run/all</string><key>SockPathMode</key><integer>384</integer></dict>
            </array>
            <key>own</key><dict><key>SecureSocketWithKey</key><string>X</string></dict></dict>
            """),
        .systemd: InputFile(
            path: "all.service", bytes: Array("[Service]\nExecStart=/bin/all\n".utf8),
            companions: [
                ("timer", "[Timer]\nOnCalendar=*-*-* 03:04:00\nOnUnitActiveSec=600\nPersistent=yes\n"),
                ("path", "[Path]\nPathModified=/etc/all\nDirectoryNotEmpty=/var/spool/all\nMakeDirectory=yes\n"),
                ("socket", "[Socket]\nListenStream=/run/all\nListenDatagram=53\nSocketMode=0600\nBacklog=5\n"),
            ].map { kind, text in
                InputFile(
                    path: "all.\(kind)", bytes: Array((text + "[Install]\nWantedBy=\(kind)s.target\n").utf8),
                    looksAround: false)
            }, looksAround: false),
        .supervisor: InputFile(
            path: "all.conf", bytes: Array("[program:all]\ncommand=/bin/all\n".utf8), looksAround: false),
    ]

    @Test(arguments: GeneratedRoundTripTests.Pairing.all.filter { $0.through != .supervisor })
    func `each key of what starts a service can be edited, and the edit wins on the way back`(
        pairing: GeneratedRoundTripTests.Pairing
    ) throws {
        let edits =
            pairing.through == .systemd
            ? KeySamples.starters.flatMap { path, values in
                values.map { value in Edit(path: path, value: value) { try $0.set(path, to: value) } }
            }
            : Self.edits(.plist).filter {
                [
                    "StartCalendarInterval", "StartInterval", "WatchPaths", "QueueDirectories", "Sockets",
                    "inetdCompatibility",
                ].contains($0.path[0])
            }
        try editAll(of: try #require(Self.started[pairing.from]), pairing, edits)
    }

    private func editAll(of file: InputFile, _ pairing: GeneratedRoundTripTests.Pairing, _ edits: [Edit]) throws {
        let original = NativeFile(format: pairing.from, file: file)
        let there = try original.converted(to: pairing.through)
        let untouched = try there.converted(to: pairing.from)
        var count = 0
        for edit in edits where try there.value(edit.path) != edit.value {
            var edited = there
            try edit.apply(&edited)
            guard try edited.value(edit.path) == edit.value else {
                Issue.record("\(edit.path) could not be set to \(edit.value)")
                continue
            }
            count += 1
            let about = "\(edit.path.joined(separator: ".")) = \(edit.value)"
            do {
                let back = try edited.converted(to: pairing.from)
                let isSame =
                    back.file.bytes == untouched.file.bytes && back.file.companions == untouched.file.companions
                #expect(!isSame, "\(about): nothing came back")
                let again = try back.converted(to: pairing.through)
                let value = try again.value(edit.path)
                #expect(value == edit.value, "\(about)\n\(Sample.text(edited.file))\n\(Sample.text(back.file))")
            } catch {
                Issue.record("\(about): \(error)\n\(Sample.text(edited.file))")
            }
        }
        let keys = Set(edits.map(\.path)).count
        #expect(count >= keys - 5, "\(count) edits of \(keys) keys")
    }

    @Test func `every key of the tables has values to try`() {
        #expect(Set(KeySamples.supervisor.keys).isSuperset(of: SupervisorReader.programKeys))
        #expect(KeySamples.launchd.values.allSatisfy { !$0.isEmpty } && KeySamples.launchd.count > 80)
        #expect(KeySamples.systemd.values.allSatisfy { !$0.isEmpty } && KeySamples.systemd.count > 300)
        #expect(KeySamples.supervisor.values.allSatisfy { !$0.isEmpty })
    }
}
