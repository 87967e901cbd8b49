import ServiceFormats

/// systemd units put together by chance: a service, its drop-in, what starts it.
enum GeneratedUnit {
    static let unitKeys: [(key: String, values: [String])] = [
        ("Description", ["The web", "100%% é", "a  b"]), ("After", ["network.target", "a.service b.service"]),
        ("Wants", ["network-online.target"]), ("Requires", ["db.service"]), ("Documentation", ["man:x(8)"]),
        ("ConditionPathExists", ["/etc/x", "!/etc/y"]), ("StartLimitIntervalSec", ["0", "10s", "5min", "1min 30s"]),
        ("StartLimitBurst", ["5", "1", "20"]), ("StartLimitInterval", ["30"]), ("X-Mine", ["1"]),
    ]

    static let serviceKeys: [(key: String, values: [String])] = [
        ("Type", ["simple", "exec", "notify", "oneshot", "forking", "idle"]), ("User", ["www", "root", "1000"]),
        ("Group", ["staff", "100"]), ("WorkingDirectory", ["/", "/srv", "-/may be", "~"]),
        ("RootDirectory", ["/jail"]), ("UMask", ["0022", "077", "0"]), ("Nice", ["-20", "0", "19", "5"]),
        ("Environment", ["A=1", "\"A=two words\" B=2", "A=100%%", "P=\\x41", "'C=q\"q'", "A=$HOME", "PATH=/opt/bin"]),
        ("EnvironmentFile", ["-/etc/default/x", "/etc/y"]),
        ("Restart", ["no", "always", "on-failure", "on-success", "on-abnormal", "on-abort", "on-watchdog"]),
        ("RestartSec", ["0", "5", "100ms", "1min 30s", "infinity"]), ("RestartPreventExitStatus", ["1 2", "SIGTERM"]),
        ("RestartForceExitStatus", ["3", "SIGUSR1 7"]), ("SuccessExitStatus", ["143", "SIGKILL 5", "TEMPFAIL"]),
        ("TimeoutStopSec", ["5", "0", "infinity", "90s"]), ("TimeoutSec", ["7"]), ("TimeoutStartSec", ["30"]),
        ("KillMode", ["control-group", "mixed", "process", "none"]), ("KillSignal", ["SIGINT", "TERM", "9"]),
        ("SendSIGKILL", ["no"]), ("LimitNOFILE", ["1024", "1024:4096", "infinity", "512:infinity"]),
        ("LimitCORE", ["0", "1M"]), ("LimitCPU", ["10", "1min"]), ("LimitMEMLOCK", ["64K:1M"]),
        ("StandardInput", ["null", "file:/in", "tty"]),
        ("StandardOutput", ["journal", "null", "append:/log/o", "file:/log/o", "inherit", "truncate:/t", "syslog"]),
        ("StandardError", ["journal", "null", "append:/log/e", "inherit", "kmsg"]),
        ("ExecStartPre", ["/bin/mkdir -p /run/x", "-/bin/false"]), ("ExecReload", ["/bin/kill -HUP $MAINPID"]),
        ("ExecStop", ["/bin/stop"]), ("ProtectHome", ["yes"]), ("PrivateTmp", ["true"]), ("WatchdogSec", ["30"]),
        ("MemoryMax", ["1G"]), ("Bogus", ["1"]), ("PIDFile", ["/run/x.pid"]), ("RemainAfterExit", ["yes"]),
        ("StartLimitBurst", ["3"]), ("SyslogIdentifier", ["x"]), ("OOMScoreAdjust", ["-500"]),
    ]

    static let installKeys: [(key: String, values: [String])] = [
        ("WantedBy", ["multi-user.target", "default.target", "a.target b.target"]), ("RequiredBy", ["x.target"]),
        ("Alias", ["other.service"]), ("Also", ["y.service"]),
    ]

    private static let commands = [
        "/bin/a", "/opt/b --port 80 \"two words\"", "/bin/c 100%% $HOME ${X}", "-/bin/d", "@/bin/e zero one", "+/bin/f",
        "/bin/g \\x41 'q\"q' \"\"", "/bin/h %n %i", "cat -", "/bin/i ; /bin/j", "/bin/k \\; x", "/bin/l $$x é",
    ]

    private static let starters: [(suffix: String, text: String)] = [
        ("timer", "[Timer]\nOnCalendar=*-*-* 03:00:00\n\n[Install]\nWantedBy=timers.target\n"),
        ("timer", "[Timer]\nOnCalendar=Mon..Fri 09,17:00\nOnBootSec=5min\nPersistent=true\n"),
        ("timer", "[Unit]\nDescription=t\n[Timer]\nOnActiveSec=60\nOnUnitActiveSec=60\nAccuracySec=1s\n"),
        ("path", "[Path]\nPathModified=/etc/x\nPathChanged=/etc/y\nDirectoryNotEmpty=/spool\nPathExists=/run/go\n"),
        ("socket", "[Socket]\nListenStream=8080\nSocketMode=0600\nAccept=no\n\n[Install]\nWantedBy=sockets.target\n"),
        ("socket", "[Socket]\nListenStream=/run/x\nListenStream=[::]:80\nSocketMode=0600\nSocketUser=www\n"),
        ("socket", "[Socket]\nListenDatagram=127.0.0.1:53\nListenStream=@x\nBindIPv6Only=ipv6-only\nBacklog=9\n"),
        ("socket", "[Socket]\nListenStream=[::]:80\nBindIPv6Only=ipv6-only\nFileDescriptorName=web\n"),
        ("socket", "[Socket]\nListenSequentialPacket=/run/s\nListenFIFO=/run/f\nAccept=no\n"),
        ("socket", "[Socket]\nListenStream=80\nAccept=yes\n\n[Install]\nWantedBy=sockets.target\n"),
        ("socket", "[Socket]\nListenDatagram=1\nListenStream=\nListenStream=2\nListenFIFO=/run/f\nBacklog=7\n"),
        ("timer", "[Timer]\nOnBootSec=1\nOnCalendar=\nOnCalendar=daily\nPersistent=true\n"),
        ("path", "[Path]\nPathExists=/a\nPathModified=\nDirectoryNotEmpty=/b\nPathChanged=/c\n"),
    ]

    /// Units of other names that start the service too; SERVICE is its name.
    private static let more: [(name: String, text: String)] = [
        ("nightly.timer", "[Timer]\nOnCalendar=*-*-* 04:00:00\nUnit=SERVICE\nPersistent=true\n"),
        ("weekly.timer", "[Timer]\nOnUnitActiveSec=1w\nOnCalendar=Mon *-*-* 05:00:30\nUnit=SERVICE\n"),
        ("admin.socket", "[Socket]\nListenStream=/run/admin\nSocketMode=0600\nService=SERVICE\n"),
        (
            "other.socket",
            "[Socket]\nListenStream=9\nListenDatagram=9\nFileDescriptorName=o\nService=SERVICE\nBacklog=3\n"
        ),
        ("spool.path", "[Path]\nDirectoryNotEmpty=/more\nUnit=SERVICE\n"),
    ]

    private static func lines(
        _ keys: [(key: String, values: [String])], _ rarity: Int, _ chance: inout Chance
    ) -> String {
        var text = ""
        for (key, values) in keys where chance.once(in: rarity) {
            let isList = ["Environment", "ExecStartPre", "After", "WantedBy"].contains(key)
            for _ in 0..<(isList ? 1 + chance.below(2) : 1) { text += "\(key)=\(chance.pick(values))\n" }
            if isList, chance.once(in: 8) { text += "\(key)=\n\(key)=\(chance.pick(values))\n" }
        }
        return text
    }

    static func file(_ chance: inout Chance) -> InputFile {
        let name = chance.pick(["web", "a-b", "x_1", "a\\x2db", "web@blue"])
        var text = chance.pick(["", "# by chance\n"])
        if !chance.once(in: 4) { text += "[Unit]\n" + lines(unitKeys, 4, &chance) + "\n" }
        text += "[Service]\nExecStart=\(chance.pick(commands))\n" + lines(serviceKeys, 6, &chance)
        if !chance.once(in: 3) { text += "\n[Install]\n" + lines(installKeys, 2, &chance) }
        var companions: [InputFile] = []
        var isTemplate = false
        if chance.once(in: 4) {
            let starter = chance.pick(starters)
            // What is started for each connection is a template (systemd.socket(5)), which an instance cannot be.
            isTemplate = starter.text.contains("Accept=yes")
            if !(isTemplate && name.contains("@")) {
                companions.append(
                    InputFile(path: "\(name).\(starter.suffix)", bytes: Array(starter.text.utf8), looksAround: false))
            }
        }
        if !isTemplate, chance.once(in: 6) {
            let first = chance.below(more.count)
            for (own, text) in more[first..<min(more.count, first + 1 + chance.below(3))] {
                let text = text.replacing("SERVICE", with: name + ".service")
                companions.append(InputFile(path: own, bytes: Array(text.utf8), looksAround: false))
            }
        }
        let path = name + (isTemplate && !name.contains("@") ? "@" : "") + ".service"
        return InputFile(path: path, bytes: Array(text.utf8), companions: companions, looksAround: false)
    }
}
