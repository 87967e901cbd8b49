package import Kernel
package import Locations
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
    /// Hooks of others over the same configuration may be disabled.
    package var replacesRivals = false
    /// svinstall is copied to a place that only root writes, and the copy is what the hook starts.
    package var copiesProgram = false
    /// Paths that others may write, accepted by name.
    package var allowed: [String] = []
    package var isHardened: Bool?
    package var watchdogSeconds: Int?
    package var serviceDirectory: String?

    package init(
        scope: Scope? = nil, configuration: String? = nil, label: String? = nil, system: InitSystem? = nil,
        program: String? = nil, root: String? = nil
    ) {
        self.scope = scope
        self.configuration = configuration
        self.label = label
        self.system = system
        self.program = program
        self.root = root
    }

    /// The hook itself, with absolute paths throughout. What was not asked for is as an earlier installation has it.
    package func hook<K: SystemCalls>(_ kernel: K, record known: HookRecord? = nil) throws(Failure) -> Hook {
        let system = try initSystem(kernel, known)
        let scope = known?.scope ?? self.scope ?? .own(userID: kernel.userID)
        guard scope == .system || system.hasUserHooks else {
            throw Failure(
                .usage, code: "hook-scope", "\(system.title) has no hooks of users",
                remedy: "use --system, or --init cron for a line in your crontab")
        }
        let home = homeDirectory(kernel)
        let places = Places(scope, environment: kernel.environment, home: home)
        let path = try configurationPath(kernel, places, known)
        var hook = Hook(
            system: system, scope: scope, label: try checkedLabel() ?? known?.label,
            program: try programPath(kernel, known), configuration: path, home: home,
            logDirectory: logDirectory(system, places),
            stopTimeout: max(Facts(path ?? places.configurationFile, kernel).stopTimeout, Facts.leastStopTimeout))
        hook.userID = kernel.userID
        hook.userName = (try? kernel.user(id: kernel.userID))??.name ?? "\(kernel.userID)"
        hook.options = known?.options ?? HookOptions()
        if let isHardened { hook.options.isHardened = isHardened }
        if let watchdogSeconds {
            guard watchdogSeconds == 0 || watchdogSeconds >= 60 else {
                throw Failure(
                    .usage, code: "hook-watchdog", "\(watchdogSeconds) s is too short for a watchdog",
                    remedy: "60 or more: each half of it wakes the daemon up; 0 switches it off")
            }
            hook.options.watchdogSeconds = watchdogSeconds == 0 ? nil : watchdogSeconds
        }
        if let serviceDirectory { hook.options.serviceDirectory = absolutePath(serviceDirectory, kernel) }
        if let moved = kernel.variable("SVINSTALL_STATE_DIR"), moved.hasPrefix("/"), root == nil {
            // Client and daemon must look for the socket in one place.
            hook.options.environment["SVINSTALL_STATE_DIR"] = moved
        }
        hook.allowed = Set((known?.allowed ?? []) + allowed.map { absolutePath($0, kernel) }).sorted()
        try refuseLineEnds(hook)
        return hook
    }

    private func initSystem<K: SystemCalls>(_ kernel: K, _ known: HookRecord?) throws(Failure) -> InitSystem {
        if let found = system ?? known?.system ?? InitSystem.detect(root: root, kernel) { return found }
        throw Failure(
            .usage, code: "hook-init", "no init system was recognised",
            remedy: "name one: --init " + InitSystem.allCases.map(\.rawValue).joined(separator: ", "))
    }

    private func configurationPath<K: SystemCalls>(
        _ kernel: K, _ places: Places, _ known: HookRecord?
    ) throws(Failure) -> String? {
        if let configuration { return absolutePath(configuration, kernel) }
        if let known { return known.configuration }
        guard root == nil else { return nil }
        let choice = ConfigurationChoice.find(option: nil, kernel, places: places)
        return choice.source == .builtIn ? nil : choice.path
    }

    /// A label becomes a file name: it must not lead anywhere else.
    private func checkedLabel() throws(Failure) -> String? {
        guard let label else { return nil }
        let isLabel =
            !label.isEmpty && !label.hasPrefix(".") && !label.hasPrefix("-") && label.utf8.count < 200
            && label.unicodeScalars.allSatisfy {
                switch $0 {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": true
                default: false
                }
            }
        guard isLabel else {
            throw Failure(
                .usage, code: "hook-label", "'\(label)' is no label",
                remedy: "letters, digits, '.', '-' and '_'; it names the hook's file")
        }
        return label
    }

    private func programPath<K: SystemCalls>(_ kernel: K, _ known: HookRecord?) throws(Failure) -> String {
        if copiesProgram { return HookPlaces.programCopy }
        if let program { return absolutePath(program, kernel) }
        if let copy = known?.copy { return copy }
        if let known, root == nil, (try? kernel.status(of: known.program, followLinks: true)) != nil {
            return known.program
        }
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
        case (.launchd, .user):
            "\(places.configuration.dropLast("/.config/svinstall".count))/Library/Logs/svinstall"
        default: places.logs
        }
    }

    /// Records, units and crontabs are files of lines.
    private func refuseLineEnds(_ hook: Hook) throws(Failure) {
        let texts = [hook.program, hook.configuration ?? "", hook.home, hook.options.serviceDirectory ?? ""]
        for text in texts + Array(hook.options.environment.values)
        where text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            throw Failure(
                .usage, code: "hook-path", "'\(text)' holds a control character", remedy: "rename it: hooks are lines")
        }
    }
}
