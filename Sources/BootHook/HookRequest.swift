package import Kernel
package import Locations
import ServiceFormats
import ServiceModel
package import SourceText

/// What a person asked for; what they left open is found out.
package struct HookRequest: Hashable, Sendable {
    package var scope: Scope?
    /// As given; may be relative.
    package var configuration: String?
    package var label: String?
    package var system: InitSystem?
    package var program: String?
    /// The tree that the hook is for; `nil` = this machine.
    package var root: String?

    package init(
        scope: Scope?, configuration: String?, label: String?, system: InitSystem?, program: String?, root: String?
    ) {
        self.scope = scope
        self.configuration = configuration
        self.label = label
        self.system = system
        self.program = program
        self.root = root
    }

    /// The hook itself, with absolute paths throughout.
    package func hook<K: SystemCalls>(_ kernel: K) throws(Failure) -> Hook {
        guard let system = system ?? InitSystem.detect(root: root, kernel) else {
            throw Failure(
                .usage, code: "hook-init", "no init system was recognised",
                remedy: "name one: --init launchd or systemd")
        }
        guard system.isSupported else {
            throw Failure(
                .usage, code: "hook-init", "hooks for \(system.rawValue) are not there yet",
                remedy: "--init launchd and --init systemd are")
        }
        let scope = scope ?? .own(userID: kernel.userID)
        let home = homeDirectory(kernel)
        let places = Places(scope, environment: kernel.environment, home: home)
        let path = configuration.map { absolutePath($0, kernel) }
        if let label, !Self.isLabel(label) {
            throw Failure(
                .usage, code: "hook-label", "'\(label)' is no label",
                remedy: "letters, digits, '.', '-' and '_'; it names the hook's file")
        }
        return Hook(
            system: system, scope: scope, label: label, program: try programPath(kernel), configuration: path,
            home: home, logDirectory: logDirectory(system, places),
            stopTimeout: stopTimeout(path, places, kernel))
    }

    /// A label becomes a file name: it must not lead anywhere else.
    private static func isLabel(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix(".") && text.utf8.count < 200
            && text.unicodeScalars.allSatisfy {
                switch $0 {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": true
                default: false
                }
            }
    }

    private func programPath<K: SystemCalls>(_ kernel: K) throws(Failure) -> String {
        if let program { return absolutePath(program, kernel) }
        guard let path = kernel.executablePath() else {
            throw Failure(
                .internalError, code: "hook-program", "the system does not tell where svinstall is",
                remedy: "say it with --program PATH")
        }
        return path
    }

    /// A hook for a Mac names a Mac's directory, wherever it is written.
    private func logDirectory(_ system: InitSystem, _ places: Places) -> String {
        switch (system, places.scope) {
        case (.launchd, .user): homeLogs(places)
        default: places.logs
        }
    }

    private func homeLogs(_ places: Places) -> String {
        let home = places.configuration.dropLast("/.config/svinstall".count)
        return "\(home)/Library/Logs/svinstall"
    }

    /// What the configuration's programs need; a configuration that cannot be read (it may be for another machine) gets
    /// the time of one program with supervisord's defaults.
    private func stopTimeout<K: SystemCalls>(_ path: String?, _ places: Places, _ kernel: K) -> TimeSpan {
        let file = path ?? ConfigurationChoice.find(option: nil, kernel, places: places).path
        let world = HostWorld(kernel)
        guard let bytes = try? kernel.readFile(file, limit: 64 << 20),
            let read = try? FormatRegistry.read(InputFile(path: file, bytes: bytes), world: world)
        else { return .seconds(20) }
        return StopBudget.needed(by: read.plan ?? FormatRegistry.plan(for: read.services, files: [file]))
    }
}
