import ArgumentParser
import Kernel
import Locations
import ServiceFormats
import SourceText

/// `svinstall check`: exit status 1 when something was found.
struct CheckVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell all problems of service descriptions, with file:line:column.")

    @Argument(help: "Files of any supported format.") var files: [String]

    func run() throws {
        let world = HostWorld(HostKernel())
        var found = false
        for path in files {
            let problems = Check.check(InputFile(path: path, bytes: try Terminal.read(path)), world: world)
            for problem in problems { print(problem.description) }
            found = found || problems.contains { $0.severity != .note }
        }
        if found { throw ExitCode(ExitStatus.checkFoundProblems.rawValue) }
    }
}
