// LaunchdFormat, floor 2: launchd job <-> Service.

import PropertyList
import ServiceModel

/// The mapping of launchd.plist(5) in one table: key, the kinds of values that launchd takes, and where it goes. The
/// order is the order in which a job is written.
enum LaunchdKeys {
    struct Row: Sendable {
        let key: String
        /// launchd ignores a value of any other kind without a word.
        let kinds: [PropertyKind]
        let use: Use
    }

    enum Use: Sendable {
        /// The value itself is the field.
        case text(any WritableKeyPath<Service, Setting<String>?> & Sendable, ServiceField)
        case flag(any WritableKeyPath<Service, Setting<Bool>?> & Sendable, ServiceField)
        case texts(any WritableKeyPath<Service, Setting<[String]>?> & Sendable, ServiceField)
        case file(any WritableKeyPath<Service, Setting<OutputSink>?> & Sendable, ServiceField)
        /// A rule of its own, in the file named for it.
        case rule(Rule)
        /// No field of the model: kept as it is for the way back, with the reason why nobody else can say it.
        case carried(why: String)
        /// launchd itself makes nothing of it any more.
        case obsolete(why: String)
    }

    enum Rule: Sendable {
        case label, program, programArguments, environment, umask, keepAlive, onDemand, startInterval, calendar
        case throttle, exitTimeOut, abandonProcessGroup, niceness, softLimits, hardLimits, standardInput, disabled
        case sockets, inetd
    }

    private static let darwinOnly = "only launchd and the frameworks of macOS know it"
    private static let noLimitation = "no other manager chooses by it"
    private static let removed = "launchd no longer implements it"

    static let table: [Row] = [
        // What it is and what runs.
        Row(key: "Label", kinds: [.string], use: .rule(.label)),
        Row(key: "Disabled", kinds: [.boolean, .dictionary], use: .rule(.disabled)),
        Row(key: "Program", kinds: [.string], use: .rule(.program)),
        Row(key: "ProgramArguments", kinds: [.array], use: .rule(.programArguments)),
        Row(key: "BundleProgram", kinds: [.string], use: .carried(why: "a path inside an app bundle")),
        Row(key: "EnableGlobbing", kinds: [.boolean], use: .carried(why: "no other manager expands file patterns")),
        Row(key: "EnvironmentVariables", kinds: [.dictionary], use: .rule(.environment)),
        Row(key: "WorkingDirectory", kinds: [.string], use: .text(\.workingDirectory, .workingDirectory)),
        Row(key: "RootDirectory", kinds: [.string], use: .text(\.rootDirectory, .rootDirectory)),
        Row(key: "UserName", kinds: [.string], use: .text(\.user, .user)),
        Row(key: "GroupName", kinds: [.string], use: .text(\.group, .group)),
        Row(key: "InitGroups", kinds: [.boolean], use: .carried(why: "every other manager sets the user's groups")),
        Row(key: "Umask", kinds: [.integer, .string], use: .rule(.umask)),
        Row(key: "Nice", kinds: [.integer], use: .rule(.niceness)),
        Row(key: "SoftResourceLimits", kinds: [.dictionary], use: .rule(.softLimits)),
        Row(key: "HardResourceLimits", kinds: [.dictionary], use: .rule(.hardLimits)),

        // When it runs.
        Row(key: "RunAtLoad", kinds: [.boolean], use: .flag(\.startsAtLoad, .startsAtLoad)),
        Row(key: "KeepAlive", kinds: [.boolean, .dictionary], use: .rule(.keepAlive)),
        Row(key: "OnDemand", kinds: [.boolean], use: .rule(.onDemand)),
        Row(key: "ThrottleInterval", kinds: [.integer], use: .rule(.throttle)),
        Row(key: "StartInterval", kinds: [.integer], use: .rule(.startInterval)),
        Row(key: "StartCalendarInterval", kinds: [.dictionary, .array], use: .rule(.calendar)),
        Row(key: "WatchPaths", kinds: [.array], use: .texts(\.watchedPaths, .watchedPaths)),
        Row(key: "QueueDirectories", kinds: [.array], use: .texts(\.queueDirectories, .queueDirectories)),
        Row(
            key: "StartOnMount", kinds: [.boolean],
            use: .carried(why: "nobody else starts programs when a disk is mounted")),
        Row(key: "LaunchOnlyOnce", kinds: [.boolean], use: .carried(why: "the job is removed after its first exit")),
        Row(key: "Sockets", kinds: [.dictionary], use: .rule(.sockets)),
        Row(key: "inetdCompatibility", kinds: [.dictionary], use: .rule(.inetd)),
        Row(key: "MachServices", kinds: [.dictionary], use: .carried(why: darwinOnly)),
        Row(key: "LaunchEvents", kinds: [.dictionary], use: .carried(why: darwinOnly)),

        // How it stops.
        Row(key: "ExitTimeOut", kinds: [.integer], use: .rule(.exitTimeOut)),
        Row(key: "AbandonProcessGroup", kinds: [.boolean], use: .rule(.abandonProcessGroup)),
        Row(key: "EnableTransactions", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "EnablePressuredExit", kinds: [.boolean], use: .carried(why: darwinOnly)),

        // Where it reads and writes.
        Row(key: "StandardInPath", kinds: [.string], use: .rule(.standardInput)),
        Row(key: "StandardOutPath", kinds: [.string], use: .file(\.standardOutput, .standardOutput)),
        Row(key: "StandardErrorPath", kinds: [.string], use: .file(\.standardError, .standardError)),

        // Where and for whom it is loaded, and how the kernel treats it.
        Row(key: "LimitLoadToSessionType", kinds: [.string, .array], use: .carried(why: noLimitation)),
        Row(key: "LimitLoadToHosts", kinds: [.array], use: .carried(why: noLimitation)),
        Row(key: "LimitLoadFromHosts", kinds: [.array], use: .carried(why: noLimitation)),
        Row(key: "LimitLoadToHardware", kinds: [.dictionary], use: .carried(why: noLimitation)),
        Row(key: "LimitLoadFromHardware", kinds: [.dictionary], use: .carried(why: noLimitation)),
        Row(key: "AssociatedBundleIdentifiers", kinds: [.string, .array], use: .carried(why: darwinOnly)),
        Row(key: "SessionCreate", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "ProcessType", kinds: [.string], use: .carried(why: darwinOnly)),
        Row(key: "POSIXSpawnType", kinds: [.string], use: .carried(why: darwinOnly)),
        Row(key: "LowPriorityIO", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "LowPriorityBackgroundIO", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "MaterializeDatalessFiles", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "LegacyTimers", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "Debug", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "WaitForDebugger", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "UserEnvironmentVariables", kinds: [.dictionary], use: .carried(why: darwinOnly)),

        // Private keys that real files have.
        Row(key: "BeginTransactionAtShutdown", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "JetsamProperties", kinds: [.dictionary], use: .carried(why: darwinOnly)),
        Row(key: "MultipleInstances", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "DisableASLR", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "SandboxProfile", kinds: [.string], use: .carried(why: darwinOnly)),
        Row(key: "SandboxFlags", kinds: [.integer, .array, .dictionary], use: .carried(why: darwinOnly)),
        Row(key: "SandboxContainer", kinds: [.string], use: .carried(why: darwinOnly)),
        Row(key: "Policies", kinds: [.dictionary], use: .carried(why: darwinOnly)),
        Row(key: "JoinGUISession", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "BinaryOrderPreference", kinds: [.array], use: .carried(why: darwinOnly)),
        Row(key: "IgnoreProcessGroupAtShutdown", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "CFBundleIdentifier", kinds: [.string], use: .carried(why: darwinOnly)),
        Row(key: "MachExceptionHandler", kinds: [.string], use: .carried(why: darwinOnly)),
        Row(key: "ShutdownMonitor", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "EventMonitor", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "SpawnConstraint", kinds: [.dictionary, .data], use: .carried(why: darwinOnly)),
        Row(key: "MinimalBootProfile", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "PublishesEvents", kinds: [.dictionary], use: .carried(why: darwinOnly)),
        Row(key: "PreventsSleep", kinds: [.boolean], use: .carried(why: darwinOnly)),
        Row(key: "RunLoopType", kinds: [.string], use: .carried(why: darwinOnly)),
        Row(key: "_LimitLoadToVariant", kinds: [.string, .array], use: .carried(why: darwinOnly)),
        Row(key: "_LimitLoadFromVariant", kinds: [.string, .array], use: .carried(why: darwinOnly)),
        Row(key: "_PanicOnCrash", kinds: [.dictionary, .boolean], use: .carried(why: darwinOnly)),
        Row(key: "_ExponentialThrottling", kinds: [.boolean], use: .carried(why: darwinOnly)),

        // What launchd no longer does.
        Row(key: "ServiceDescription", kinds: [.string], use: .obsolete(why: "launchd only tolerates it")),
        Row(key: "SHAuthorizationRight", kinds: [.string], use: .obsolete(why: "launchd only tolerates it")),
        Row(key: "ServiceIPC", kinds: [.boolean], use: .obsolete(why: "it did something in Mac OS X 10.4 only")),
        Row(key: "HopefullyExitsFirst", kinds: [.boolean, .string], use: .obsolete(why: removed)),
        Row(key: "HopefullyExitsLast", kinds: [.boolean, .string], use: .obsolete(why: removed)),
        Row(key: "TimeOut", kinds: [.integer], use: .obsolete(why: "it never did anything useful")),
    ]

    /// The row of a key: by its exact name, else by its name in another case (launchd of 10.9 did not look at case).
    static func row(of key: String) -> Row? {
        byName[key] ?? byLowerName[key.lowercased()]
    }

    private static let byName = Dictionary(uniqueKeysWithValues: table.map { ($0.key, $0) })
    private static let byLowerName = Dictionary(uniqueKeysWithValues: table.map { ($0.key.lowercased(), $0) })

    /// Names of limits, with launchd's spelling (launchd.plist(5), setrlimit(2)).
    static let limits: [(name: String, kind: ResourceKind)] = [
        ("Core", .core), ("CPU", .cpuTime), ("Data", .data), ("FileSize", .fileSize), ("MemoryLock", .lockedMemory),
        ("NumberOfFiles", .openFiles), ("NumberOfProcesses", .processes), ("ResidentSetSize", .residentSet),
        ("Stack", .stack),
    ]
}
