import ControlClient
import Engine
import Kernel
import Locations
import SourceText
import SupervisorFormat

/// Called as `supervisord`: its options, its words, its exit codes (supervisord 4.3).
enum SupervisordPersonality {
    /// supervisord's options. Those with a `nil` meaning here override a key of the file.
    static let options: [OptionReader.Option] =
        [
            .init("configuration", "c", takesValue: true), .init("help", "h"), .init("help", "?"),
            .init("version", "v"), .init("profile_options", takesValue: true),
        ] + overrides

    /// The options that override a key of the file.
    static let overrides: [OptionReader.Option] = [
        .init("nodaemon", "n"), .init("silent", "s"), .init("user", "u", takesValue: true),
        .init("umask", "m", takesValue: true), .init("directory", "d", takesValue: true),
        .init("logfile", "l", takesValue: true), .init("logfile_maxbytes", "y", takesValue: true),
        .init("logfile_backups", "z", takesValue: true), .init("loglevel", "e", takesValue: true),
        .init("pidfile", "j", takesValue: true), .init("identifier", "i", takesValue: true),
        .init("childlogdir", "q", takesValue: true), .init("nocleanup", "k"),
        .init("minfds", "a", takesValue: true), .init("strip_ansi", "t"), .init("minprocs", takesValue: true),
    ]

    static func run(program: String, _ words: [String]) -> Int32 {
        let kernel = HostKernel()
        do throws(OptionReader.UsageError) {
            let (matches, others) = try OptionReader(options, .stopsAtFirstWord).read(words)
            guard others.isEmpty else {
                let list = others.map { PythonText.repr($0) }.joined(separator: ", ")
                return UsageRefusal.tell(program, "positional arguments are not supported: [\(list)]")
            }
            for (place, match) in matches.enumerated() {
                switch match.name {
                case "help":
                    print(help(program))
                    return 0
                case "version":
                    print(emulatedVersion)
                    return 0
                default:
                    try checkValue(match, kernel)
                    try UsageRefusal.checkTwice(match, matches[..<place])
                }
            }
            let given = matches.first { $0.name == "configuration" }?.value
            return start(program, configuration: given, overriding: matches, kernel)
        } catch {
            return UsageRefusal.tell(program, error.message)
        }
    }

    private static func checkValue(
        _ match: OptionReader.Match, _ kernel: HostKernel
    ) throws(OptionReader.UsageError) {
        guard overrides.contains(where: { $0.name == match.name }) else { return }
        let written = CommandLineOverrides([.init(match.written, match.value ?? "")])
        do throws(Failure) {
            try SupervisorReader(world: HostWorld(kernel), overrides: written, keepsToOriginal: true)
                .checkOverrides()
        } catch {
            throw OptionReader.UsageError(message: error.diagnostics.first?.message ?? match.written)
        }
    }

    private static func start(
        _ program: String, configuration given: String?, overriding matches: [OptionReader.Match], _ kernel: HostKernel
    ) -> Int32 {
        if given == nil, kernel.userID == 0 {
            Terminal.writeError(
                "\(program): UserWarning: root's configuration is looked for in the usual places, the working directory "
                    + "among them; name it with -c, so that nobody else can put one there\n")
        }
        let search = ConfigurationChoice.supervisordSearchPath(calledAs: program)
        guard let path = given ?? search.first(where: { isFile($0, kernel) }) else {
            return UsageRefusal.tell(
                program,
                "No config file found at default paths (\(search.joined(separator: ", "))); use the -c option to specify"
                    + " a config file at a different path")
        }
        let names = Set(overrides.map(\.name))
        let written = matches.filter { names.contains($0.name) }
            .map { CommandLineOverrides.Written($0.written, $0.value ?? "") }
        // What is no file is refused by the name that the user knows it by.
        return DaemonStart(
            files: [isFile(path, kernel) ? absolutePath(path, kernel) : path],
            overrides: CommandLineOverrides(written),
            persona: .supervisord(name: program), detachment: .asConfigured
        ).run(kernel)
    }

    /// Which supervisord we are to our clients.
    static let emulatedVersion = "4.3.0"

    private static func help(_ program: String) -> String {
        """
        supervisord -- run a set of applications as daemons.

        Usage: \(program) [options]

        -c/--configuration FILENAME  configuration file
        -n/--nodaemon                stay in the foreground (nodaemon=true)
        -s/--silent                  no log on standard output in the foreground
        -h/--help                    this text
        -v/--version                 the version number
        -u/--user USER               user or numeric id to become
        -m/--umask UMASK             umask of the daemon, octal
        -d/--directory DIRECTORY     directory to change to in the background
        -l/--logfile FILENAME        the daemon's log
        -y/--logfile_maxbytes BYTES  size at which it is rotated
        -z/--logfile_backups NUM     rotated files that are kept
        -e/--loglevel LEVEL          critical, error, warn, info, debug, trace or blather
        -j/--pidfile FILENAME        where the pid is written
        -i/--identifier STR          the daemon's name for its clients
        -q/--childlogdir DIRECTORY   where the programs' AUTO logs are made
        -k/--nocleanup               keep AUTO logs of former runs
        -a/--minfds NUM              file descriptors that must be available
        -t/--strip_ansi              remove terminal escapes from the programs' output
        --minprocs NUM               processes that must be available
        --profile_options LIST       understood and without effect: there is no profiler
        """
    }
}
