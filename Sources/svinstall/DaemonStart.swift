import ControlServer
import Engine
import Kernel
import Locations
import ServiceFormats
import ServiceModel
import SourceText
import SupervisorFormat

/// Brings the floors together: a configuration, the engine that runs it, the ears it answers with.
struct DaemonStart {
    /// Absolute paths; the first one names the daemon to its clients.
    var files: [String]
    var overrides = CommandLineOverrides()
    var persona = DaemonOptions.Persona.svinstall
    var detachment = DaemonOptions.Detachment.never
    /// Paths of which the user says that others may write them.
    var allowed: Set<String> = []
    /// How long stopping may take altogether.
    var shutdownTimeout: TimeSpan?
    /// Programs live on when the daemon is killed, whatever the configuration says.
    var liveRestore = false

    /// Runs the daemon to its end.
    func run(_ kernel: HostKernel) -> Int32 {
        let places = Places.own(kernel)
        var options = DaemonOptions(persona: persona, detachment: detachment)
        options.shutdownTimeout = shutdownTimeout
        options.liveRestore = liveRestore
        if let first = files.first { options.privateSocket = ControlSocket.path(for: first, in: places) }
        // Without one the daemon has no socket of its own, and says so.
        try? places.makeState(kernel)
        let accounts = PatientAccounts(kernel)
        return Daemon.run(
            options,
            source: ConfigurationSource(
                files: files, overrides: overrides, world: HostWorld(kernel, accounts: accounts), places: places,
                trust: PlanTrust(kernel, accounts: accounts, allowed: allowed), isOriginal: persona != .svinstall),
            port: HTTPControlPort(
                kernel: kernel, version: Version.number, tellsWhoAsks: persona == .svinstall))
    }
}

/// Where the engine's plans come from: files of any format.
struct ConfigurationSource: PlanSource {
    let files: [String]
    let overrides: CommandLineOverrides
    let world: HostWorld<HostKernel>
    let places: Places
    let trust: PlanTrust<HostKernel>
    /// Called as supervisord: what others can write is run with a warning, and a pid file's missing directory is refused.
    let isOriginal: Bool

    func load() throws(Failure) -> Plan {
        var plan = try read()
        if isOriginal {
            if let warning = trust.warning(of: plan) { plan.notices.append(warning) }
        } else if let refusal = trust.refusal(of: plan) {
            throw refusal
        }
        plan.notices += trust.programWarnings(of: plan)
        return plan
    }

    private func read() throws(Failure) -> Plan {
        if files.count == 1, let path = files.first {
            // What is not clearly another format is read as supervisor config, whose reader says best what is wrong
            // with it. A pipe can be read but once.
            let file = try? input(path)
            if file.flatMap(FormatRegistry.recognise) ?? .supervisor == .supervisor {
                let reader = SupervisorReader(
                    world: world, overrides: overrides, keepsToOriginal: isOriginal,
                    unnamedFiles: isOriginal
                        ? nil : places.ownFiles(of: path, workingDirectory: world.currentDirectory))
                guard let file else { return try reader.plan(path: path) }
                return try reader.plan(path: path, bytes: file.bytes)
            }
        }
        var services: [Service] = []
        for path in files {
            let read = try FormatRegistry.read(try input(path), world: world)
            guard read.plan == nil else {
                throw Failure(
                    .usage, code: "run-mixed", "\(path): a supervisor config describes a whole daemon",
                    remedy: "run it alone, or name the other files' programs in it")
            }
            services += read.services
        }
        return FormatRegistry.plan(for: services, files: files)
    }

    func changes(from active: Plan, to fresh: Plan) -> (changes: GroupChanges, details: [String]) {
        let changes = PlanChanges(from: active, to: fresh)
        return (
            GroupChanges(added: changes.added, changed: changes.changed, removed: changes.removed), changes.details
        )
    }

    private func input(_ path: String) throws(Failure) -> InputFile {
        switch world.read(path, limit: SupervisorReader.largestFile) {
        case .content(let bytes): return InputFile(path: path, bytes: bytes)
        case .missing:
            throw Failure(.noInput, code: "read", "\(path): there is no such file", remedy: "check the path")
        case .unreadable(let reason):
            throw Failure(.noPermission, code: "read", "\(path): \(reason)", remedy: "check its owner and mode")
        case .tooLarge:
            throw Failure(.badInput, code: "read", "\(path): larger than any configuration", remedy: "check the path")
        }
    }
}
