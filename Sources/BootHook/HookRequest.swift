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
        // People name a hook's file as well.
        self.label = label.map { name in
            [".service", ".plist"].first(where: name.hasSuffix).map { String(name.dropLast($0.utf8.count)) } ?? name
        }
        self.system = system
        self.program = program
        self.root = root
    }

    /// The tree without a slash at its end; empty for this machine.
    func treePath<K: SystemCalls>(_ kernel: K) -> String {
        guard let root else { return "" }
        let path = absolutePath(root, kernel)
        return path == "/" ? "" : path
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
        guard root == nil || system != .cron || scope == .system else {
            throw Failure(
                .usage, code: "hook-crontab", "a user's crontab cannot be written into a tree",
                remedy: "--system writes a file of cron.d there")
        }
        try requireMeaning(system)
        let home = homeDirectory(kernel)
        let daemonScope: Scope = root == nil && kernel.userID == 0 ? .system : scope
        let places = Places(daemonScope, environment: kernel.environment, home: home)
        let path = try configurationPath(kernel, places, known)
        var hook = Hook(
            system: system, scope: scope, label: try checkedLabel() ?? known?.label,
            program: try programPath(kernel, known), configuration: path, home: home,
            logDirectory: logDirectory(system, scope, places, home),
            stopTimeout: max(
                Facts(path ?? places.configurationFile, tree: treePath(kernel), kernel).stopTimeout,
                Facts.leastStopTimeout))
        hook.daemonScope = daemonScope
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
        if system == .s6, hook.options.serviceDirectory == nil,
            (try? kernel.status(of: treePath(kernel) + Self.s6Boot, followLinks: true)) != nil
        {
            hook.options.bootServiceDirectory = Self.s6Boot
        }
        if let moved = kernel.variable("SVINSTALL_STATE_DIR"), moved.hasPrefix("/"), root == nil {
            // Client and daemon must look for the socket in one place.
            hook.options.environment["SVINSTALL_STATE_DIR"] = moved
        }
        hook.allowed = Set((known?.allowed ?? []) + allowed.map { absolutePath($0, kernel) }).sorted()
        try refuseLineEnds(hook)
        return hook
    }

    /// What s6-linux-init copies to `/run/service` at boot.
    private static let s6Boot = "/etc/s6-linux-init/current/run-image/service"

    /// Options of one init are refused for another: they would do nothing.
    private func requireMeaning(_ system: InitSystem) throws(Failure) {
        let misplaced: (option: String, owner: String)? =
            if isHardened == true, system != .systemd {
                ("--harden", "systemd's")
            } else if watchdogSeconds != nil, system != .systemd {
                ("--watchdog", "systemd's")
            } else if serviceDirectory != nil, system != .runit, system != .s6 {
                ("--service-directory", "for runit and s6")
            } else {
                nil
            }
        guard let misplaced else { return }
        throw Failure(
            .usage, code: "hook-option",
            "\(misplaced.option) is \(misplaced.owner), and this hook is for \(system.title)",
            remedy: "leave it out, or choose with --init")
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
        guard root == nil else {
            // What the daemon will find when the tree is booted.
            return ([places.configurationFile] + ConfigurationChoice.supervisordFiles).first {
                isFile(treePath(kernel) + $0, kernel)
            }
        }
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
        if let known { return known.program }
        guard let path = kernel.executablePath() else {
            throw Failure(
                .internalError, code: "hook-program", "the system does not tell where svinstall is",
                remedy: "say it with --program PATH")
        }
        return path
    }

    /// A hook for a Mac names a Mac's directory, wherever it is written.
    private func logDirectory(_ system: InitSystem, _ scope: Scope, _ places: Places, _ home: String) -> String {
        system == .launchd && scope == .user ? "\(home)/Library/Logs/svinstall" : places.logs
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
