import ArgumentParser
import Kernel
import Locations
import PropertyList
import ServiceFormats
import SourceText
import SupervisorFormat

/// `svinstall check`: exit status 1 when something was found.
struct CheckVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell all problems of service descriptions, with file:line:column.",
        discussion: """
            'svinstall check --calendar "Mon *-*-* 03:00"' shows how systemd writes a calendar expression and when it \
            comes next.

            Status 1: something was found. 66: a file cannot be read; the others are checked all the same.
            """)

    @Flag(help: "One JSON object a file and line: the problems, and for supervisor config the values in force.")
    var json = false
    @Option(name: .customLong("as"), help: "The format of the files, whatever they look like.") var format: String?
    @Option(help: "Instead of files: the next ten instants of a systemd calendar expression.") var calendar: [String] =
        []
    @Option(help: "With --calendar: the instant to begin at, e.g. '2026-01-01 12:00'; else now.") var from: String?
    @Argument(help: "Files of any supported format.") var files: [String] = []

    func validate() throws {
        if files.isEmpty == calendar.isEmpty {
            throw ValidationError("give files to check, or --calendar with an expression")
        }
    }

    func run() throws {
        let world = HostWorld(HostKernel())
        guard calendar.isEmpty else { return try calendar.forEach { try forecast($0, world) } }
        let format = try format.map(Self.format)
        var found = false
        var unread: ExitStatus?
        for path in files {
            let file: InputFile
            do throws(Failure) {
                file = InputFile(path: path, bytes: try Terminal.read(path))
            } catch {
                // The others are checked all the same.
                _ = Terminal.report(error)
                unread = unread ?? error.status
                continue
            }
            let problems: [Diagnostic]
            if json {
                let report = CheckReport(file, as: format, world: world)
                problems = report.problems
                try Terminal.writeOutput(JSONWriter.bytes(report.json) + [UInt8(ascii: "\n")])
            } else {
                problems = Check.check(file, as: format, world: world)
                for problem in problems { print(problem.description) }
            }
            found = found || problems.contains { $0.severity != .note }
        }
        if let unread { throw ExitCode(unread.rawValue) }
        if found { throw ExitCode(ExitStatus.checkFoundProblems.rawValue) }
    }

    private func forecast(_ text: String, _ world: any ConfigurationWorld) throws {
        let wall = HostKernel().now().epochSeconds
        let forecast = try CalendarForecast(
            text, after: try from.map { try CalendarForecast.start($0, world: world) } ?? wall, world: world)
        if json { return try Terminal.writeOutput(JSONWriter.bytes(forecast.json) + [UInt8(ascii: "\n")]) }
        print(forecast.normalised)
        for instant in forecast.instants { print("  " + instant) }
        if forecast.instants.isEmpty { print("  never") }
    }

    private static func format(_ word: String) throws(Failure) -> Format {
        guard let format = Format(word: word) else {
            throw Failure(
                .usage, code: "format-word", "there is no format '\(word)'",
                remedy: "say supervisor, plist, systemd or procfile")
        }
        return format
    }
}
