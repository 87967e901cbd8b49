import ArgumentParser
import Kernel
import Locations
import ServiceFormats
import SourceText

/// `svinstall convert`.
struct ConvertVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert service descriptions; every key is accounted for.",
        discussion: """
            The input is recognised by its content. If it is FORMAT already, the result is supervisor config, otherwise \
            the result is FORMAT: 'convert plist job.plist' gives supervisor config, 'convert plist supervisord.conf' \
            gives plists. The report goes to standard error. What the target cannot say is carried in it, key by key, \
            for the way back; the daemon's own settings of a supervisor config too.

            What belongs to a file is read with it: included files, the drop-ins of a unit and the timer, socket and path \
            beside it, the .env beside a Procfile.

            Status 65: a file cannot be converted (78: a supervisor config), or --strict forbids it; nothing is written then. \
            66: a file cannot be read. 73: -o cannot be written.
            """)

    @Argument(help: "plist, supervisor, systemd, procfile; openrc, sysv, runit, s6, dinit, upstart, cron.")
    var format: String
    @Argument(help: "Files to convert; - is standard input.") var files: [String]
    @Option(help: "What comes out, whatever goes in.") var to: String?
    @Option(
        name: [.customShort("o"), .long],
        help: "A file, a directory (made where it ends with /), or - for standard output.")
    var output: String = "-"
    @Option(help: "Only the program of this name; the keys of others are told as not asked for.") var program: String?
    @Option(help: "Which instance of a systemd template is meant.") var instance: String?
    @Option(help: "How the report is written: text, json or sarif.") var report: ReportForm = .text
    @Flag(help: "The result is for a user's manager, not for the system's.") var user = false
    @Option(help: "Alone, or strict: refuse what would be approximated or dropped; exact: also what would be carried.")
    var strict: Strictness = .none

    /// The words of `--strict`.
    enum Strictness: String, ExpressibleByArgument, CaseIterable {
        case none, strict, exact
    }

    func run() throws {
        let result: Conversion.Result
        do throws(Failure) {
            result = try converted()
        } catch {
            // A report for programs is the whole of standard error; a usage error is for whoever wrote the command.
            guard report != .text, error.status != .usage else { throw error }
            Terminal.writeError(ReportRendering.render([], problems: error.diagnostics, as: report))
            throw ExitCode(error.status.rawValue)
        }
        if report == .text { for diagnostic in result.diagnostics { Terminal.note(diagnostic.description) } }
        Terminal.writeError(ReportRendering.render(result.reports, problems: result.diagnostics, as: report))
        guard result.violations.isEmpty else {
            if report == .text { throw Failure(.badInput, result.violations) }
            throw ExitCode(ExitStatus.badInput.rawValue)
        }
        try OutputPlace(output).write(result.outputs)
    }

    private func converted() throws(Failure) -> Conversion.Result {
        var inputs: [InputFile] = []
        for path in files { inputs.append(InputFile(path: path, bytes: try Terminal.read(path))) }
        var options = Conversion.Options(
            format: try Self.format(format), program: program, strictness: strictness, isForUser: user,
            instance: instance)
        if let to { options.to = try Self.format(to) }
        return try Conversion.convert(inputs, options: options, world: HostWorld(HostKernel()))
    }

    private var strictness: Conversion.Strictness {
        switch strict {
        case .none: .none
        case .strict: .strict
        case .exact: .exact
        }
    }

    private static func format(_ word: String) throws(Failure) -> Format {
        if let format = Format(word: word) { return format }
        let known = Format.allCases.filter { $0.dialect != nil }.map(\.rawValue)
        let hint = nearestWord(to: word, among: known).map { "did you mean '\($0)'? " } ?? ""
        throw Failure(
            .usage, code: "format", "there is no format '\(word)'",
            remedy: "\(hint)there are \(known.joined(separator: ", "))")
    }
}

extension ReportForm: ExpressibleByArgument {}
