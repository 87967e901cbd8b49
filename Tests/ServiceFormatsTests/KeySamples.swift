import LaunchdFormat
import PropertyList
import SupervisorFormat
import SystemdFormat

/// Two values for every key that a format has: what the tables of the formats know, none left out.
enum KeySamples {
    // MARK: supervisord.conf

    static let supervisor: [String: [String]] = {
        var samples: [String: [String]] = [
            "command": ["/bin/other --flag", "/bin/third"], "numprocs_start": ["3", "5"], "numprocs": ["1"],
            "process_name": ["%(program_name)s"],
            // Other people's extensions, and a misspelled key.
            "dependent_startup_wait_for": ["a:running"], "dependent_startup_inherit_priority": ["true"],
            "auto_start": ["true"], "group": ["staff"], "files": ["x"], "chmod": ["0700"], "port": ["80"],
        ]
        for (key, values) in GeneratedConfiguration.keys where samples[key] == nil {
            samples[key] = values.filter { !$0.isEmpty && !$0.contains("%(here)s") }
        }
        return samples
    }()

    /// Keys of sections that are no programs of the usual kind, from the sections of the generated files.
    static let sections: Set<String> = {
        var keys = Set(SupervisorReader.daemonKeys + ["programs", "files"])
        for text in GeneratedConfiguration.otherSections {
            let document = try? IniDocument(path: "", bytes: Array(text.utf8))
            for entry in document?.sections.flatMap(\.entries) ?? [] { keys.insert(entry.key) }
        }
        return keys
    }()

    // MARK: launchd

    private static let launchdSpecial: [String: [PropertyValue]] = [
        "Label": ["org.example.second", "third"], "Program": ["/bin/second", "/bin/third"],
        "ProgramArguments": [["/bin/all", "-other"], ["/bin/all", "third"]],
        "EnvironmentVariables": [["A": "2"], ["B": "3"]], "Umask": [63, 23], "Nice": [3, 7],
        "UserName": ["second", "third"], "GroupName": ["second", "third"], "WorkingDirectory": ["/two", "/three"],
        "RootDirectory": ["/two", "/three"], "KeepAlive": [["SuccessfulExit": true], ["Crashed": true], true],
        "ThrottleInterval": [33, 44], "StartInterval": [333, 444], "ExitTimeOut": [33, 44],
        "StartCalendarInterval": [["Hour": 3], [["Minute": 5], ["Day": 1]]], "WatchPaths": [["/two"], ["/three"]],
        "QueueDirectories": [["/two"], ["/three"]],
        "Sockets": [
            ["Listeners": ["SockServiceName": "4242"]],
            ["a": ["SockPathName": "/run/two", "SockPathMode": 438, "SockPathOwner": 3]],
            ["b": [["SockServiceName": "http", "SockFamily": "IPv6"], ["SockServiceName": 53, "SockType": "dgram"]]],
        ],
        "inetdCompatibility": [["Wait": true], ["Wait": false], ["Wait": true, "Instances": 3]],
        "StandardInPath": ["/two", "/three"],
        "StandardOutPath": ["/two", "/three"], "StandardErrorPath": ["/two", "/three"],
        "SoftResourceLimits": [["NumberOfFiles": 77], ["Core": 5]],
        "HardResourceLimits": [["NumberOfFiles": 7777], ["Core": 55]],
    ]

    /// The keys inside one, as `Sockets.SockType`: those that launchd gives a meaning, not the names that somebody chose.
    static func innerKeys(of key: String, _ value: PropertyValue) -> [String] {
        let named: Set<String> = ["Sockets", "MachServices"]
        let meant: Set<String> = [
            "KeepAlive", "StartCalendarInterval", "inetdCompatibility", "SoftResourceLimits", "HardResourceLimits",
            "Disabled",
        ]
        guard meant.union(named).contains(key) else { return [] }
        let values = named.contains(key) ? value.dictionary?.entries.map(\.value) ?? [] : [value]
        return values.flatMap { $0.array ?? [$0] }.flatMap { $0.dictionary?.keys ?? [] }.map { "\(key).\($0)" }
    }

    /// All of them that the jobs put together by chance have, and those that are edited.
    static let launchdInner: Set<String> = {
        var keys: Set<String> = []
        for (key, values) in GeneratedJob.choices + launchd.map({ (key: $0.key, values: $0.value) }) {
            for value in values { keys.formUnion(innerKeys(of: key, value)) }
        }
        return keys
    }()

    /// Keys that launchd does not know, as real jobs have them: other programs', misspelled, in another case.
    private static let unknownToLaunchd = [
        "LSUIElement", "enabletransactions", "UnrecognizedByHomeManager", "\"Special\" characters",
    ]

    static let launchd: [String: [PropertyValue]] = Dictionary(
        uniqueKeysWithValues: LaunchdReader.knownKeys.map { key in
            (key.name, launchdSpecial[key.name] ?? values(of: key.kinds.first ?? .string))
        } + unknownToLaunchd.map { ($0, [true, false]) })

    private static func values(of kind: PropertyKind) -> [PropertyValue] {
        switch kind {
        case .boolean: [true, false]
        case .integer: [3, 4]
        case .array: [["one"], ["two", "three"]]
        case .dictionary: [["one": true], ["two": "three"]]
        case .data: [.data([1, 2]), .data([3])]
        default: ["one", "two"]
        }
    }

    // MARK: systemd

    private static let systemdSpecial: [String: [String]] = [
        "ExecStart": ["/bin/all other", "/bin/third"], "Type": ["notify", "simple", "forking"],
        "WantedBy": ["other.target"], "RequiredBy": ["other.target"], "BusName": ["org.example.Bus"],
        "StartLimitInterval": ["33s", "44s"], "StartLimitIntervalSec": ["33s", "44s"], "StartLimitBurst": ["33", "44"],
        "KillMode": ["mixed", "process"], "Environment": ["A=2", "B=3"], "WorkingDirectory": ["/two", "/three"],
        "RestartSec": ["33s", "44s"], "TimeoutSec": ["33s", "44s"], "TimeoutStopSec": ["33s", "44s"],
        "StandardInput": ["file:/two", "tty"], "StandardOutput": ["append:/two", "null"],
        "StandardError": ["append:/two", "null"],
        "DefaultInstance": ["one"],
    ]

    /// By section and key.
    static let systemd: [[String]: [String]] = {
        var samples: [[String]: [String]] = [:]
        let generated = Dictionary(
            (GeneratedUnit.unitKeys + GeneratedUnit.serviceKeys + GeneratedUnit.installKeys).map {
                ($0.key, $0.values)
            },
            uniquingKeysWith: { first, _ in first })
        for section in ["Unit", "Service", "Install"] {
            for key in SystemdReader.knownKeys(in: section) {
                let isLimit = key.hasPrefix("Limit")
                samples[[section, key]] =
                    systemdSpecial[key] ?? (isLimit ? ["33", "44"] : generated[key]) ?? ["one", "two"]
            }
        }
        for (section, keys) in unknownToSystemd {
            for key in keys { samples[[section, key]] = ["one", "two"] }
        }
        return samples
    }()

    private static let starterSpecial: [String: [String]] = [
        "OnCalendar": ["Mon 04:05", "*:0/7"], "Unit": ["all.service"], "Service": ["all.service"],
        "Accept": ["yes", "no"], "SocketMode": ["0611", "0622"], "BindIPv6Only": ["ipv6-only", "both"],
        "ListenStream": ["4242", "/run/two", "[::1]:4343", "@abstract"], "ListenDatagram": ["4242", "127.0.0.1:53"],
        "ListenSequentialPacket": ["/run/two", "/run/three"],
    ]

    /// By kind, section and key: the units that start a service.
    static let starters: [[String]: [String]] = {
        var samples: [[String]: [String]] = [:]
        for kind in UnitKind.starters {
            for section in ["Unit", kind.section ?? "", "Install"] {
                let keys = section == kind.section ? SystemdReader.knownKeys(in: section) : ["Description", "WantedBy"]
                for key in keys where (section == "Install") == (key == "WantedBy") {
                    let isPath = kind == .path && (key.hasPrefix("Path") || key.hasPrefix("Directory"))
                    samples[[kind.rawValue, section, key]] =
                        starterSpecial[key]
                        ?? (key.hasSuffix("Sec") ? ["33s", "44s"] : isPath ? ["/two", "/three"] : ["one", "two"])
                }
            }
        }
        return samples
    }()

    /// Keys and sections that systemd leaves to others, as real units have them.
    private static let unknownToSystemd = [
        "Unit": ["X-RestartIfChanged"],
        "X-Network": ["Gateway", "Label", "NetworkName", "Options", "PodmanArgs", "Subnet"],
        "X-Container": ["ContainerName", "Environment", "Image", "Label"],
        "X-Volume": ["Copy", "Device", "Group", "Label", "PodmanArgs", "Type", "User", "VolumeName"],
    ]
}
