import ArgumentParser
import Kernel
import Locations
import SourceText
import Templates

/// `svinstall init`: a configuration and its directories, never over an existing one.
struct InitVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a configuration and make its directories.")

    func run() throws {
        let kernel = HostKernel()
        let places = Places.own(kernel)
        let path = places.configurationFile
        guard !isFile(path, kernel) else {
            throw Failure(
                .cannotCreate, code: "init-exists", "\(path) exists", remedy: "edit it, or move it away first")
        }
        do throws(SystemError) {
            for directory in [places.configuration, places.configuration + "/conf.d", places.state, places.logs] {
                for made in try kernel.makeDirectories(directory, mode: 0o755) { print("made \(made)") }
            }
            let text = Template.userConfiguration.filled(["logs": places.logs, "state": places.state])
            try kernel.writeFileAtomically(path, Array(text.utf8), mode: 0o644)
        } catch {
            throw Failure(
                error.number == .accessDenied ? .noPermission : .cannotCreate, code: "init", "\(error)")
        }
        print("wrote \(path)")
    }
}
