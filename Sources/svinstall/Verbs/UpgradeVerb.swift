import ArgumentParser
import ControlClient
import Kernel
import Locations
import SourceText

/// `svinstall upgrade`: another program file under running programs.
struct UpgradeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Replace the daemon's program without stopping anything.",
        discussion: """
            The daemon puts the program file that now lies where it was started from in its own place, after that file \
            has shown that it can go on: programs keep running under their pids, their output, sockets and waiting \
            events are taken over. When the new file cannot go on, the old one does.
            """)
    @Option(name: [.customShort("c"), .long], help: "The configuration of the daemon.") var configuration: String?

    func run() throws {
        let kernel = HostKernel()
        let lookup = try DaemonLookup.find(DaemonLookup.Request(configuration: configuration), kernel)
        if let notice = lookup.notice { Terminal.note(notice) }
        print(try UpgradeRequest(lookup.settings, kernel).run())
    }
}
