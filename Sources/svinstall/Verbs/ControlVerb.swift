import ArgumentParser
import ControlClient
import Kernel
import Locations
import SourceText
import SupervisorFormat

/// `svinstall status`, `start`, … : the words of supervisorctl, and `ctl` for all of them.
enum ControlVerb {
    /// `-c -s -u -p`, before and after the verb.
    private static let options: [OptionReader.Option] = [
        .init("configuration", "c", takesValue: true), .init("serverurl", "s", takesValue: true),
        .init("username", "u", takesValue: true), .init("password", "p", takesValue: true),
    ]

    /// How a word that is one of those options begins.
    static let connectionOptions = [
        "-c", "-s", "-u", "-p", "--configuration", "--serverurl", "--username", "--password",
    ]

    static let names: Set<String> = Set(definitions.compactMap { $0.configuration.commandName })

    /// Runs `words`, the verb among them.
    static func run(_ words: [String]) -> Int32 {
        do throws(OptionReader.UsageError) {
            let (matches, rest) = try OptionReader(options, .passesUnknown).read(words)
            let value = { name in matches.last { $0.name == name }?.value }
            let request = DaemonLookup.Request(
                serverURL: value("serverurl"), configuration: value("configuration"), username: value("username"),
                password: value("password"))
            guard let verb = rest.first, names.contains(verb) else {
                return CommandLineTool.run(rest)
            }
            guard verb == "ctl" else { return control(request, rest, asking: false) }
            let words = Array(rest.dropFirst())
            let asking = words.first == "-i" || words.first == "--interactive"
            return control(request, asking ? Array(words.dropFirst()) : words, asking: asking)
        } catch {
            Terminal.note("\(error.message); see svinstall help")
            return ExitStatus.usage.rawValue
        }
    }

    /// `ctl` without words is the interactive shell; `asking` is supervisorctl's `-i`.
    private static func control(_ request: DaemonLookup.Request, _ words: [String], asking: Bool) -> Int32 {
        let kernel = HostKernel()
        do throws(Failure) {
            var lookup = try DaemonLookup.find(request, kernel)
            if lookup.settings.historyFile == nil {
                lookup.settings.historyFile = Places.own(kernel).state + "/history"
            }
            if let notice = lookup.notice { Terminal.note(notice) }
            let session = try ControlSession(settings: lookup.settings, manners: .svinstall, kernel: kernel)
            return words.isEmpty ? session.interact() : session.run(words: words, asking: asking)
        } catch {
            return Terminal.report(error)
        }
    }
}

/// A verb whose words go to the daemon's client as they are.
private protocol ControlDefinition: ParsableCommand {}

extension ControlDefinition {
    func run() throws {
        throw ExitCode(ControlVerb.run(Array(CommandLine.arguments.dropFirst())))
    }
}

extension ControlVerb {
    /// One definition a verb, for help, man pages and completions.
    static let definitions: [any ParsableCommand.Type] = [
        Status.self, Start.self, Stop.self, Restart.self, Signal.self, Pid.self, Tail.self, Clear.self,
        Reread.self, Update.self, Add.self, Remove.self, Avail.self, Maintail.self, DaemonVersion.self,
        Shutdown.self, Reload.self, Foreground.self, Control.self,
    ]

    struct Status: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "What runs; says when a definition changed on disk.")
        @Argument(parsing: .captureForPassthrough, help: "Programs, GROUP:* or all.") var names: [String] = []
    }
    struct Start: ControlDefinition {
        static let configuration = CommandConfiguration(commandName: "start", abstract: "Start programs.")
        @Argument(parsing: .captureForPassthrough, help: "Programs, GROUP:* or all.") var names: [String] = []
    }
    struct Stop: ControlDefinition {
        static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stop programs.")
        @Argument(parsing: .captureForPassthrough, help: "Programs, GROUP:* or all.") var names: [String] = []
    }
    struct Restart: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "restart", abstract: "Stop and start programs; --update applies a changed definition.")
        @Argument(parsing: .captureForPassthrough, help: "[--update] programs, GROUP:* or all.") var names: [String] =
            []
    }
    struct Signal: ControlDefinition {
        static let configuration = CommandConfiguration(commandName: "signal", abstract: "Send programs a signal.")
        @Argument(parsing: .captureForPassthrough, help: "A signal and programs.") var words: [String] = []
    }
    struct Pid: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "pid", abstract: "The pid of the daemon, or of programs.")
        @Argument(parsing: .captureForPassthrough, help: "Programs or all.") var names: [String] = []
    }
    struct Tail: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "tail", abstract: "The last bytes of a program's output; -f follows.")
        @Argument(parsing: .captureForPassthrough, help: "[-f | -BYTES] NAME [stdout | stderr].") var words: [String] =
            []
    }
    struct Clear: ControlDefinition {
        static let configuration = CommandConfiguration(commandName: "clear", abstract: "Empty programs' logs.")
        @Argument(parsing: .captureForPassthrough, help: "Programs or all.") var names: [String] = []
    }
    struct Reread: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "reread", abstract: "Read the configuration again; change nothing that runs.")
        @Argument(parsing: .captureForPassthrough) var words: [String] = []
    }
    struct Update: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Apply the configuration on disk; --plan only says what would happen.")
        @Argument(parsing: .captureForPassthrough, help: "[--plan] groups or all.") var words: [String] = []
    }
    struct Add: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Take groups of the last read configuration into service.")
        @Argument(parsing: .captureForPassthrough, help: "Groups.") var names: [String] = []
    }
    struct Remove: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Take stopped groups out of service.")
        @Argument(parsing: .captureForPassthrough, help: "Groups.") var names: [String] = []
    }
    struct Avail: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "avail", abstract: "All programs of the configuration, in service or not.")
        @Argument(parsing: .captureForPassthrough) var words: [String] = []
    }
    struct Maintail: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "maintail", abstract: "The last bytes of the daemon's own log; -f follows.")
        @Argument(parsing: .captureForPassthrough, help: "[-f | -BYTES].") var words: [String] = []
    }
    struct DaemonVersion: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "version", abstract: "The supervisord version that the daemon stands for.")
        @Argument(parsing: .captureForPassthrough) var words: [String] = []
    }
    struct Shutdown: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "shutdown", abstract: "Stop all programs and the daemon.")
        @Argument(parsing: .captureForPassthrough) var words: [String] = []
    }
    struct Reload: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "reload", abstract: "Restart the daemon with the configuration on disk.")
        @Argument(parsing: .captureForPassthrough) var words: [String] = []
    }
    struct Foreground: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "fg", abstract: "Connect the terminal to a program.")
        @Argument(parsing: .captureForPassthrough, help: "A program.") var words: [String] = []
    }
    struct Control: ControlDefinition {
        static let configuration = CommandConfiguration(
            commandName: "ctl", abstract: "Every word of supervisorctl; without any, the interactive shell.")
        @Argument(parsing: .captureForPassthrough, help: "Words of supervisorctl.") var words: [String] = []
    }
}
