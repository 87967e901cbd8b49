import Kernel
import SourceText

/// What we were called as and asked for: decides which road is taken, before anything else is loaded.
///
/// The engine and the control verbs come first and by themselves: they read their own words (`tail -100 redis` must
/// arrive whole), and a daemon must not carry the pages of an argument parser that it never uses.
struct Invocation {
    /// A program that we are when called through a link of its name.
    enum Personality: String {
        case supervisord, supervisorctl
        case echoSupervisordConf = "echo_supervisord_conf"
        case pidproxy
    }

    let program: String
    let words: [String]

    init(_ arguments: [String]) {
        program = Self.place(of: arguments.first ?? "svinstall")
        words = Array(arguments.dropFirst())
    }

    func run() -> Int32 {
        let name = String(program[(program.lastIndex(of: "/").map(program.index(after:)) ?? program.startIndex)...])
        switch Personality(rawValue: name) {
        case .supervisord: return SupervisordPersonality.run(program: program, words)
        case .supervisorctl: return SupervisorctlPersonality.run(program: program, words)
        case .echoSupervisordConf: return EchoSupervisordConfPersonality.run(program: program, words)
        case .pidproxy: return PidProxyPersonality.run(program: program, words)
        case nil: return runVerb()
        }
    }

    /// The program's path as a script is told its own: a word without a slash was found through `$PATH`.
    private static func place(of program: String) -> String {
        let kernel = HostKernel()
        guard !program.contains("/"), let path = kernel.variable("PATH") else { return program }
        return path.split(separator: ":").lazy.map { "\($0)/\(program)" }
            .first { (try? kernel.mayAccess($0, .execute)) == true } ?? program
    }

    private func runVerb() -> Int32 {
        guard let first = words.first else {
            print(HelpText.overview)
            return ExitStatus.ok.rawValue
        }
        // `svinstall -c X status`: the options of the control verbs may stand before the verb.
        if ControlVerb.connectionOptions.contains(where: { first.hasPrefix($0) }), first != "-v" {
            return ControlVerb.run(words)
        }
        if first == "run" { return RunVerb.run(Array(words.dropFirst())) }
        if ControlVerb.names.contains(first), !words.contains("--help") { return ControlVerb.run(words) }
        return CommandLineTool.run(words)
    }
}
