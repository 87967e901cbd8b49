import ArgumentParser
import Kernel
import Locations
import PropertyList
import ServiceFormats
import SourceText

/// `svinstall check`: exit status 1 when something was found.
struct CheckVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell all problems of service descriptions, with file:line:column.")

    @Flag(help: "One JSON object a file and line: the problems, and for supervisor config the values in force.")
    var json = false
    @Option(name: .customLong("as"), help: "The format of the files, whatever they look like.") var format: String?
    @Argument(help: "Files of any supported format.") var files: [String]

    func run() throws {
        let world = HostWorld(HostKernel())
        let format = try format.map(Self.format)
        var found = false
        for path in files {
            let file = InputFile(path: path, bytes: try Terminal.read(path))
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
        if found { throw ExitCode(ExitStatus.checkFoundProblems.rawValue) }
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
