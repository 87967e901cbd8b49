import ServiceModel
import SourceText
import SupervisorFormat

/// What is wrong about a launchd job as this machine is, where the job may well be meant for it. A conversion's world has
/// every directory.
enum JobCheck {
    /// launchd makes no directory: a job whose log has none ends with status 78, one whose working directory is
    /// missing too.
    static func missingDirectories(_ service: Service, _ world: any ConfigurationWorld) -> [Diagnostic] {
        let status = "create it before the job is loaded: launchd does not, and the job ends with status 78"
        let queue = "create it: launchd starts the job only when something is in it"
        var wanted: [(directory: String, remedy: String, span: SourceSpan?)] = []
        for sink in [service.standardOutput, service.standardError] {
            guard case .file(let path)? = sink?.value, let slash = path.lastIndex(of: "/"), slash > path.startIndex
            else { continue }
            wanted.append((String(path[..<slash]), status, sink?.span))
        }
        if let directory = service.workingDirectory { wanted.append((directory.value, status, directory.span)) }
        for directory in service.queueDirectories?.value ?? [] {
            wanted.append((directory, queue, service.queueDirectories?.span))
        }
        return wanted.compactMap { directory, remedy, span in
            guard directory.hasPrefix("/"), isOfThisMachine(directory, world), world.kind(of: directory) != .directory
            else { return nil }
            return Diagnostic(
                .warning, code: "launchd-missing-directory", "there is no directory '\(directory)'",
                remedy: remedy, at: span)
        }
    }

    /// Whether the path may well be meant for this machine: not where it begins with a directory that Macs have, and
    /// this one has not.
    private static func isOfThisMachine(_ path: String, _ world: any ConfigurationWorld) -> Bool {
        guard let of = ofMacs.first(where: { path == $0 || path.hasPrefix($0 + "/") }) else { return true }
        return world.kind(of: of) == .directory
    }

    /// Directories of macOS, Homebrew, MacPorts, Nix and Fink.
    private static let ofMacs = [
        "/Applications", "/Library", "/Network", "/System", "/Users", "/Volumes", "/private", "/opt/homebrew",
        "/usr/local/var", "/opt/local", "/nix", "/sw",
    ]
}
