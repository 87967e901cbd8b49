import ServiceModel
import SourceText

/// One key of `[supervisord]`: its name, its options on the command line, and what it sets.
struct DaemonKey: Sendable {
    let name: String
    let short: String?
    /// Whether the option stands alone (`-n`).
    let isFlag: Bool
    /// Reads the text; the result sets the field.
    let read: @Sendable (String, inout ConfigurationReading) throws(BadValue) -> Change

    typealias Change = @Sendable (inout DaemonSettings) -> Void

    init<Value: Sendable>(
        _ name: String, option short: String? = nil, isFlag: Bool = false,
        reads convert: @escaping @Sendable (String) throws(BadValue) -> Value,
        sets field: @escaping @Sendable (inout DaemonSettings, Value) -> Void
    ) {
        self.init(
            name, option: short, isFlag: isFlag, readsIn: { (text, _) throws(BadValue) in try convert(text) },
            sets: field)
    }

    /// The same for a type that asks the machine.
    init<Value: Sendable>(
        _ name: String, option short: String? = nil, isFlag: Bool = false,
        readsIn convert: @escaping @Sendable (String, inout ConfigurationReading) throws(BadValue) -> Value,
        sets field: @escaping @Sendable (inout DaemonSettings, Value) -> Void
    ) {
        self.name = name
        self.short = short
        self.isFlag = isFlag
        read = { (text, reading) throws(BadValue) in
            let value = try convert(text, &reading)
            return { field(&$0, value) }
        }
    }

    /// In the order in which the original reads them: of several faults it reports the first.
    static let all: [DaemonKey] = [
        DaemonKey("minfds", option: "-a", reads: ValueTypes.integer) { $0.minimumDescriptors = $1 },
        DaemonKey("minprocs", reads: ValueTypes.integer) { $0.minimumProcesses = $1 },
        DaemonKey("directory", option: "-d", readsIn: existingDirectory) { $0.directory = $1 },
        DaemonKey("user", option: "-u", reads: text) { $0.user = $1 },
        DaemonKey("umask", option: "-m", reads: ValueTypes.octal) { $0.umask = $1 },
        DaemonKey("logfile", option: "-l", readsIn: filePath) { $0.logFile = $1 },
        DaemonKey("logfile_maxbytes", option: "-y", reads: ValueTypes.byteSize) { $0.logRotation.maximumBytes = $1 },
        DaemonKey("logfile_backups", option: "-z", reads: ValueTypes.integer) { $0.logRotation.backups = $1 },
        DaemonKey("loglevel", option: "-e", reads: ValueTypes.logLevel) { $0.logLevel = $1 },
        DaemonKey("pidfile", option: "-j", readsIn: pidFilePath) { $0.pidFile = $1 },
        DaemonKey("identifier", option: "-i", reads: text) { $0.identifier = $1 },
        DaemonKey("nodaemon", option: "-n", isFlag: true, reads: ValueTypes.boolean) { $0.staysInForeground = $1 },
        DaemonKey("silent", option: "-s", isFlag: true, reads: ValueTypes.boolean) { $0.silent = $1 },
        DaemonKey("childlogdir", option: "-q", readsIn: directoryPath) { $0.childLogDirectory = $1 },
        DaemonKey("nocleanup", option: "-k", isFlag: true, reads: ValueTypes.boolean) { $0.keepsOldChildLogs = $1 },
        DaemonKey("strip_ansi", option: "-t", isFlag: true, reads: ValueTypes.boolean) { $0.stripsANSI = $1 },
        // Ours: the original has no such key and reads over it.
        DaemonKey("live_restore", reads: ValueTypes.boolean) { $0.liveRestore = $1 },
    ]

    @Sendable private static func text(_ text: String) throws(BadValue) -> String { text }

    @Sendable private static func filePath(
        _ text: String, _ reading: inout ConfigurationReading
    ) throws(BadValue) -> String {
        try reading.directories.path(text, in: reading.world)
    }

    @Sendable private static func pidFilePath(
        _ text: String, _ reading: inout ConfigurationReading
    ) throws(BadValue) -> String {
        try reading.directories.path(text, in: reading.world, mayMake: !reading.keepsToOriginal)
    }

    @Sendable private static func directoryPath(
        _ text: String, _ reading: inout ConfigurationReading
    ) throws(BadValue) -> String {
        try reading.directories.directory(text, in: reading.world)
    }

    @Sendable private static func existingDirectory(
        _ text: String, _ reading: inout ConfigurationReading
    ) throws(BadValue) -> String {
        let path = PythonPath.withHome(text, in: reading.world)
        guard reading.world.kind(of: path) == .directory else {
            throw BadValue("\(text) is not an existing directory", remedy: "make it")
        }
        return path
    }
}

extension ConfigurationReading {
    /// `[supervisord]`, then what the command line overrides.
    mutating func daemonSettings(
        _ overrides: [DaemonKey.Change], unnamed: UnnamedFiles?, requiresSection: Bool
    ) throws(Failure) -> DaemonSettings {
        var daemon = DaemonSettings()
        daemon.configurationFile = PythonPath.absolute(path, in: world)
        daemon.childLogDirectory = world.temporaryDirectory
        let names = ("supervisord.log", "supervisord.pid")
        (daemon.logFile, daemon.pidFile) = names
        if let section = configuration.section(named: "supervisord") {
            do {
                try read(section, into: &daemon)
            } catch {
                throw error.failure()
            }
        } else if requiresSection {
            throw Refusal(
                ".ini file does not include supervisord section", remedy: "add a line [supervisord]",
                at: SourceSpan(file: path, at: .start), code: "ini-no-supervisord"
            ).failure()
        }
        for override in overrides { override(&daemon) }
        if let unnamed {
            // Their directories are made, as those of named files are.
            if daemon.logFile == names.0 { daemon.logFile = try? directories.path(unnamed.log, in: world) }
            if daemon.pidFile == names.1 { daemon.pidFile = try? directories.path(unnamed.pid, in: world) }
        }
        daemon.logToSyslog = daemon.logFile == "syslog"
        daemon.logFile = daemon.logToSyslog ? nil : daemon.logFile.map { PythonPath.settled($0, in: world) }
        daemon.pidFile = daemon.pidFile.map { PythonPath.settled($0, in: world) }
        return daemon
    }

    private mutating func read(
        _ section: MergedConfiguration.Section, into daemon: inout DaemonSettings
    ) throws(Refusal) {
        let fields = fields(section, [("here", .text(here))])
        for key in DaemonKey.all {
            guard let field = try fields.expanded(key.name) else { continue }
            do {
                try key.read(field.text, &self)(&daemon)
            } catch {
                throw Refusal(error, at: field.span)
            }
        }
        guard let field = try fields.expanded("environment") else { return }
        do {
            // Expanded twice by the original: a `%%` survives the first time and breaks the second.
            let names = names([("here", .text(here)), ("host_node_name", .text(hostName))])
            for (name, value) in try EnvironmentList.parse(try names.expand(field.text, name: "environment")) {
                daemon.environment.append(EnvironmentVariable(name, field.setting(value)))
                environmentNames.set(name, value)
            }
        } catch {
            throw Refusal(error, at: field.span)
        }
    }
}
