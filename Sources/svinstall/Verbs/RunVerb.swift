import ArgumentParser
import Engine
import Kernel
import Locations
import SourceText
import SupervisorFormat

/// `svinstall run`: supervises, in the foreground unless told otherwise.
enum RunVerb {
    /// The words as help, man page and completion show them; `run` reads its own (`Invocation` says why).
    struct Definition: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Supervise the programs of a configuration.",
            discussion: """
                FILE is a supervisor config, launchd plists, systemd units or a Procfile. Without one, the \
                configuration is looked up. The options of supervisord are understood too.
                """)
        @Option(name: [.customShort("c"), .long], help: "The configuration.") var configuration: String?
        @Flag(help: "Go on in the background.") var daemon = false
        @Flag(help: "The built-in default, whatever configurations there are.") var builtIn = false
        @Option(help: "Seconds in which everything must have stopped when the daemon is told to.")
        var shutdownTimeout: Int?
        @Flag(help: "Programs live on when the daemon is killed, and it goes on with them (Linux).")
        var liveRestore = false
        @Option(help: "Accept that others can write this path; may be repeated.") var allow: [String] = []
        @Argument(help: "Files to run.") var files: [String] = []

        func run() throws {
            throw ExitCode(RunVerb.run(Array(CommandLine.arguments.dropFirst(2))))
        }
    }

    private static let options: [OptionReader.Option] =
        [
            .init("configuration", "c", takesValue: true), .init("daemon"), .init("built-in"), .init("help", "h"),
            .init("shutdown-timeout", takesValue: true), .init("allow", takesValue: true), .init("live-restore"),
        ] + SupervisordPersonality.overrides

    static func run(_ words: [String]) -> Int32 {
        do throws(OptionReader.UsageError) {
            let (matches, files) = try OptionReader(options, .refusesUnknown).read(words)
            if matches.contains(where: { $0.name == "help" }) { return CommandLineTool.run(["help", "run"]) }
            return start(matches, files)
        } catch {
            Terminal.note("\(error.message); see svinstall help run")
            return ExitStatus.usage.rawValue
        }
    }

    private static func start(_ matches: [OptionReader.Match], _ files: [String]) -> Int32 {
        let kernel = HostKernel()
        let has = { name in matches.contains { $0.name == name } }
        let given = matches.last { $0.name == "configuration" }?.value
        guard given == nil || files.isEmpty else {
            Terminal.note("-c and FILE exclude each other; name one of them")
            return ExitStatus.usage.rawValue
        }
        let time = matches.last { $0.name == "shutdown-timeout" }?.value
        guard time.map({ (Int64($0) ?? 0) > 0 }) ?? true else {
            Terminal.note("--shutdown-timeout takes a number of seconds, 1 or more")
            return ExitStatus.usage.rawValue
        }
        let own = ["configuration", "daemon", "built-in", "help", "shutdown-timeout", "allow", "live-restore"]
        var daemon = DaemonStart(files: files.map { absolutePath($0, kernel) })
        daemon.overrides = CommandLineOverrides(
            matches.filter { !own.contains($0.name) }.map { .init($0.written, $0.value ?? "") })
        daemon.detachment = has("daemon") ? .always : .never
        daemon.liveRestore = has("live-restore")
        daemon.allowed = Set(
            matches.filter { $0.name == "allow" }.compactMap(\.value).map { absolutePath($0, kernel) })
        daemon.shutdownTimeout = time.flatMap { Int64($0) }.map { .seconds($0) }
        do throws(Failure) {
            if daemon.files.isEmpty {
                daemon.files = [try configuration(given, builtIn: has("built-in"), kernel)]
            }
        } catch {
            return Terminal.report(error)
        }
        return daemon.run(kernel)
    }

    private static func configuration(
        _ given: String?, builtIn: Bool, _ kernel: HostKernel
    ) throws(Failure) -> String {
        let places = Places.own(kernel)
        let choice = ConfigurationChoice.find(option: given, kernel, places: places)
        guard builtIn || choice.source == .builtIn else { return choice.path }
        let path = places.state + "/default.conf"
        // A daemon that runs it keeps its file as it is: the start that follows says that there is one.
        guard !ControlSocket.answers(ControlSocket.path(for: path, in: places), kernel) else { return path }
        return try BuiltInConfiguration.write(places, kernel)
    }
}
