import PropertyList
import ServiceFormats

/// launchd jobs put together by chance.
enum GeneratedJob {
    static let choices: [(key: String, values: [PropertyValue])] = [
        ("RunAtLoad", [true, false, "yes"]),
        (
            "KeepAlive",
            [
                true, false, [:], ["SuccessfulExit": false], ["SuccessfulExit": true], ["Crashed": true],
                ["Crashed": false],
                ["SuccessfulExit": false, "Crashed": true], ["AfterInitialDemand": true], ["PathState": ["/x": true]],
                ["SuccessfulExit": true, "AfterInitialDemand": true, "NetworkState": true], ["Bogus": 1], "YES",
                ["OtherJobEnabled": ["org.example.other": true], "PathState": ["/y": false]],
            ]
        ),
        ("OnDemand", [true, false]), ("ThrottleInterval", [0, 1, 10, 3600, -1]), ("ExitTimeOut", [0, 5, 20, 100]),
        ("AbandonProcessGroup", [true, false]), ("UserName", ["www", "root", "501"]), ("GroupName", ["staff"]),
        ("InitGroups", [true, false]), ("Umask", [18, 63, "022", "0x1f", 0, 9999]), ("Nice", [-20, 0, 19, 20, 21]),
        ("WorkingDirectory", ["/", "/srv", "rel", "/with blank"]), ("RootDirectory", ["/jail"]),
        ("Disabled", [true, false, ["#IfFeatureFlagDisabled": "x", "#Then": true]]),
        ("StartInterval", [1, 300, 0, 4_294_967_295]),
        (
            "StartCalendarInterval",
            [
                [:], ["Hour": 3], ["Minute": 0, "Weekday": 7], [["Minute": 1], ["Day": 31, "Month": 2]], ["Minute": 60],
                [],
                ["Minute": 5, "Day": 1, "Weekday": 0], ["Hour": 4, "WeekDay": 1],
            ]
        ),
        ("WatchPaths", [["/a"], ["/a", "b"], []]), ("QueueDirectories", [["/q"]]),
        ("StandardInPath", ["/in", "/dev/null"]), ("StandardOutPath", ["/log", "/dev/null", "rel", "/dev/stdout"]),
        ("StandardErrorPath", ["/log", "/err", "/dev/null"]),
        ("SoftResourceLimits", [["NumberOfFiles": 64], ["Core": 0, "Bogus": 1], [:]]),
        ("HardResourceLimits", [["NumberOfFiles": 128], ["Stack": 9_223_372_036_854_775_807]]),
        ("MachServices", [["a.b": true], ["c": ["HostSpecialPort": 8, "ResetAtClose": true]]]),
        (
            "Sockets",
            [
                ["L": ["SockServiceName": "http"]], ["Listeners": ["SockServiceName": 25, "Bonjour": true]], [:],
                ["a": ["SockPathName": "/run/a", "SockPathMode": 438], "b": ["SockPathName": "/run/b%"]],
                [
                    "L": [
                        ["SockServiceName": "53", "SockFamily": "IPv6", "SockType": "dgram"], ["SockServiceName": "5"],
                    ]
                ],
                ["s": ["SecureSocketWithKey": "S"], "L": ["SockServiceName": "rsync", "SockNodeName": "localhost"]],
                ["L": ["SockServiceName": "80", "SockNodeName": "example.org"]], ["L": ["SockPassive": false]],
                ["L": ["SockPathName": "/x", "SockPathOwner": 0, "SockPathGroup": 7, "SockFamily": "Unix"]],
                ["L": ["SockServiceName": "nobody-knows"]], ["L": "wrong"],
            ]
        ), ("inetdCompatibility", [["Wait": true], ["Wait": false], ["Wait": false, "Instances": 2], [:]]),
        ("LowPriorityIO", [true, 1]), ("x", [1.5, .data([1, 2]), .date(PropertyDate(secondsSince2001: 5))]),
        ("ServiceIPC", [true]), ("runatload", [true]), ("LaunchOnlyOnce", [true]),
    ]

    private static func job(_ chance: inout Chance) -> PropertyDictionary {
        var job = PropertyDictionary()
        var words: [PropertyValue] = [.string(chance.pick(["/bin/a", "/opt/with blank/b", "/bin/%n"]))]
        for _ in 0..<chance.below(4) { words.append(.string(chance.pick(Chance.texts))) }
        job["Label"] = .string(chance.pick(["org.example.job", "a b", "x_1", "é", "a/b", "n%m", "q]"]))
        if chance.below(4) == 0 { job["Program"] = .string("/usr/bin/env") }
        job["ProgramArguments"] = .array(words)
        if chance.below(2) == 0 {
            var variables = PropertyDictionary()
            for name in ["A", "PATH", "B_2", "9x", "C D"] where chance.below(3) == 0 {
                variables[name] = .string(chance.pick(Chance.texts))
            }
            job["EnvironmentVariables"] = .dictionary(variables)
        }
        for choice in choices where chance.below(4) == 0 { job[choice.key] = chance.pick(choice.values) }
        return job
    }

    static func file(_ chance: inout Chance) -> InputFile {
        let bytes = (try? XMLPropertyListWriter.write(.dictionary(job(&chance)))) ?? []
        return InputFile(path: "job.plist", bytes: bytes, looksAround: false)
    }
}
