import ArgumentParser
import BootHook
import Kernel
import Locations
import SourceText

/// `svinstall agent`: the boot hook.
struct AgentVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "The boot hook: what starts svinstall at boot.",
        subcommands: [Print.self, Install.self])

    /// What every subcommand takes.
    struct Options: ParsableArguments {
        @Flag(help: "The hook of the whole system.") var system = false
        @Flag(help: "The hook of this user.") var user = false
        @Option(name: [.customShort("c"), .customLong("configuration")], help: "The configuration that is run.")
        var configuration: String?
        @Option(name: [.long, .customLong("name")], help: "launchd's Label, or the unit's name.") var label: String?
        @Option(name: .customLong("init"), help: "launchd or systemd; the machine's own by default.")
        var initSystem: InitSystem?
        @Option(help: "Absolute path of the svinstall that is started; this one by default.") var program: String?

        func validate() throws {
            if system && user { throw ValidationError("--system and --user exclude each other") }
        }

        /// The hook these options mean. `root` is the tree it is for.
        func hook(root: String? = nil) throws(Failure) -> Hook {
            let scope: Scope? = system ? .system : user ? .user : nil
            return try HookRequest(
                scope: scope, configuration: configuration, label: label, system: initSystem, program: program,
                root: root
            ).hook(HostKernel())
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the hook's file.")
        @OptionGroup var options: Options

        func run() throws {
            try Terminal.writeOutput(try options.hook().file())
        }
    }

    struct Install: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the hook into a tree and enable it there; start nothing.")
        @OptionGroup var options: Options
        @Option(help: "The tree, e.g. of an image that is being built.") var root: String?
        @Flag(help: "Say what would be written, and write nothing.") var dryRun = false

        func run() throws {
            guard let root else {
                throw Failure(
                    .usage, code: "agent-install-live",
                    "installing on the running system is not there yet",
                    remedy: "use --root DIR for a tree, or svinstall agent print and your init's own tools")
            }
            let hook = try options.hook(root: root)
            if dryRun {
                print("would write \(root)\(hook.placement.path)")
                return
            }
            for path in try hook.install(root: root, HostKernel()) { print("wrote \(path)") }
        }
    }
}

extension InitSystem: ExpressibleByArgument {}
