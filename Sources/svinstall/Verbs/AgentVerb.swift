import ArgumentParser
import BootHook
import Kernel
import Locations
import SourceText

/// `svinstall agent`: the boot hook.
struct AgentVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "The boot hook: installs it, verifies it, explains it.",
        subcommands: [
            Install.self, Status.self, Uninstall.self, Start.self, Stop.self, Restart.self, Logs.self, Print.self,
            Sweep.self,
        ], defaultSubcommand: Install.self)

    /// Which hook is meant.
    struct Place: ParsableArguments {
        @Flag(help: "The hook of the whole system; root's default.") var system = false
        @Flag(help: "The hook of this user.") var user = false
        @Option(name: [.long, .customLong("name")], help: "launchd's Label, or the unit's name.") var label: String?
        @Option(
            name: .customLong("init"),
            help: "launchd, systemd, openrc, sysv, runit, s6 or cron; the machine's own by default.")
        var initSystem: InitSystem?
        @Option(help: "The tree of an image: files are written there and nothing is started.") var root: String?

        func validate() throws {
            if system && user { throw ValidationError("--system and --user exclude each other") }
            try refuseEmpty(["--root": root])
        }

        var request: HookRequest {
            HookRequest(
                scope: system ? .system : user ? .user : nil, label: label, system: initSystem, root: root)
        }

        func agent(_ request: HookRequest? = nil) -> Agent<HostKernel> {
            Agent(HostKernel(), request ?? self.request, version: Version.text) { Terminal.note($0) }
        }
    }

    /// What the hook shall be.
    struct Content: ParsableArguments {
        @Option(name: [.customShort("c"), .customLong("configuration")], help: "The configuration that is run.")
        var configuration: String?
        @Option(help: "Absolute path of the svinstall that is started; this one by default.") var program: String?
        @Flag(help: "systemd: sandbox the daemon and so its programs; says what they lose.") var harden = false
        @Option(help: "systemd: restart the daemon when it is silent for so many seconds, at least 60; 0 is off.")
        var watchdog: Int?
        @Option(help: "runit, s6: the directory that is looked at for services.") var serviceDirectory: String?

        func validate() throws {
            try refuseEmpty(["-c": configuration, "--program": program, "--service-directory": serviceDirectory])
        }

        func fill(_ request: inout HookRequest) {
            request.configuration = configuration
            request.program = program
            request.isHardened = harden ? true : nil
            request.watchdogSeconds = watchdog
            request.serviceDirectory = serviceDirectory
        }
    }

    struct Install: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Install the hook, start the daemon, wait until it answers; again changes nothing.")
        @OptionGroup var place: Place
        @OptionGroup var content: Content
        @Flag(help: "Say what would be done, and do nothing.") var dryRun = false
        @Flag(help: "Disable other hooks for this configuration; uninstall enables them again.") var replace = false
        @Flag(help: "Copy svinstall to a place that only root writes, and start that.") var copy = false
        @Option(help: "Accept that others can write this path; may be repeated.") var allow: [String] = []

        func run() throws {
            var request = place.request
            content.fill(&request)
            request.replacesRivals = replace
            request.copiesProgram = copy
            request.allowed = allow
            let agent = place.agent(request)
            guard !dryRun else {
                let lines = try agent.rehearse()
                print(lines.isEmpty ? "nothing to change" : lines.joined(separator: "\n"))
                return
            }
            AgentText.show(try agent.install(), isImage: place.root != nil)
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every link from the file to the answering daemon; exit 0 only when all hold.")
        @OptionGroup var place: Place
        @Flag(help: "For scripts.") var json = false

        func run() throws {
            let report = try place.agent().status()
            if json { try Terminal.writeOutput(AgentText.json(report)) } else { AgentText.show(report) }
            if !report.holds { throw ExitCode(ExitStatus.checkFoundProblems.rawValue) }
        }
    }

    struct Uninstall: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the daemon and remove what was installed; configuration and logs stay.")
        @OptionGroup var place: Place
        @Flag(help: "Say what would be done, and do nothing.") var dryRun = false

        func run() throws {
            let lines = try place.agent().uninstall(dryRun: dryRun)
            print(lines.isEmpty ? "nothing is installed" : lines.joined(separator: "\n"))
        }
    }

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start the daemon by its hook.")
        @OptionGroup var place: Place
        func run() throws { print(try place.agent().control(.start)) }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the programs and the daemon until the next boot or start.")
        @OptionGroup var place: Place
        func run() throws { print(try place.agent().control(.stop)) }
    }

    struct Restart: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the programs and the daemon and start them by the hook.")
        @OptionGroup var place: Place
        func run() throws { print(try place.agent().control(.restart)) }
    }

    struct Logs: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the daemon's own words.")
        @OptionGroup var place: Place
        @Flag(name: .shortAndLong, help: "Go on as they come.") var follow = false

        func run() throws {
            let agent = place.agent()
            var call = try agent.logs()
            if follow { call.words.append("-f") }
            try become(agent, call)
        }

        /// The log's own tool takes our place: pager, colours and Ctrl-C are its business.
        private func become(_ agent: Agent<HostKernel>, _ call: ToolCall) throws {
            guard let path = agent.find(call.words.first ?? "") else {
                throw Failure(.noInput, code: "agent-logs", "\(call.words.first ?? "") is not installed")
            }
            let kernel = HostKernel()
            var environment = kernel.environment
            environment.merge(Environment(call.environment))
            let request = SpawnRequest(
                path: path, arguments: call.words, environment: environment, grouping: .inherited)
            switch kernel.spawn(request) {
            case .failure(let failure): throw Failure(.systemError, code: "agent-logs", "\(path): \(failure)")
            case .success(let process):
                while true {
                    if let end = kernel.reap(process) {
                        throw ExitCode(end == .exited(code: 0) ? 0 : ExitStatus.systemError.rawValue)
                    }
                    kernel.sleep(nanoseconds: 20_000_000)
                }
            }
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the hook's file.")
        @OptionGroup var place: Place
        @OptionGroup var content: Content

        func run() throws {
            var request = place.request
            content.fill(&request)
            let files = try place.agent(request).files()
            for file in files {
                if files.count > 1 { try Terminal.writeOutput(Array("==> \(file.path) <==\n".utf8)) }
                try Terminal.writeOutput(file.bytes)
            }
        }
    }

    /// What systemd calls before the start and after the stop (`ExecStartPre=`, `ExecStopPost=`).
    struct Sweep: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End what is left in the service's control group.", shouldDisplay: false)
        @Flag var beforeStart = false
        @Flag var afterStop = false

        func run() throws {
            let sweeper = Sweeper(HostKernel())
            for line in sweeper.sweep(beforeStart ? .beforeStart : .afterStop) { Terminal.note(line) }
        }
    }
}

extension InitSystem: ExpressibleByArgument {}

/// What a variable of a script left empty would mean the working directory.
private func refuseEmpty(_ paths: [String: String?]) throws {
    for (option, path) in paths where path == "" { throw ValidationError("\(option) is empty: it needs a path") }
}
