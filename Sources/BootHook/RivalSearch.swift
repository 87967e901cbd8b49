import Kernel
import Locations
import ServiceFormats
import ServiceModel
import SourceText

/// Finds other hooks over our configuration or socket, by what their files start: those of every init that starts things
/// on this machine, the machine's and the users'.
struct RivalSearch<K: SystemCalls> {
    let kernel: K
    let hook: Hook
    /// The configuration as the daemon finds it.
    let configuration: String
    /// Sockets that the configuration itself names.
    let sockets: Set<String>
    /// Our own hook's files.
    let own: Set<String>

    /// Where an init finds hooks.
    private struct Place {
        var system: InitSystem
        /// Whose hooks these are; `nil` = the machine's.
        var owner: Owner?
        var directory: String
        var suffix = ""
    }

    /// What an init knows one job by.
    private struct JobName: Hashable {
        var system: InitSystem
        var owner: Owner?
        var name: String
    }

    /// A user whose hooks are looked at.
    private struct Person {
        var owner: Owner
        var home: String
    }

    /// Rivals that would start at the next boot or run now.
    func active() -> [Rival] {
        let all = units() + serviceDirectories() + cronLines()
        return all.compactMap(state)
    }

    // MARK: Where

    /// Several start things on one machine: cron always does, runit and s6 run beside others.
    private var managers: Set<InitSystem> { Set([hook.system] + InitSystem.running(kernel)) }

    /// root looks at everybody's; others see their own and the machine's.
    private var people: [Person] {
        let mine = Person(owner: hook.owner, home: hook.home)
        guard hook.userID == 0 else { return [mine] }
        var found = [mine]
        for directory in ["/home", "/Users", HookPlaces.linger] {
            for name in ((try? kernel.list(directory)) ?? []).sorted().prefix(1000) {
                guard let account = try? kernel.user(named: name),
                    !found.contains(where: { $0.owner.id == account.id })
                else { continue }
                found.append(Person(owner: Owner(id: account.id, name: account.name), home: account.home))
            }
        }
        return found
    }

    private var places: [Place] {
        var found: [Place] = []
        if managers.contains(.systemd) {
            found += ["/etc", "/run", "/usr/local/lib", "/lib", "/usr/lib"].map {
                Place(system: .systemd, directory: $0 + "/systemd/system", suffix: ".service")
            }
            for person in people {
                let own = [".config", ".local/share"].map { "\(person.home)/\($0)/systemd/user" }
                found += (own + Rival.unitsOfAllUsers).map {
                    Place(system: .systemd, owner: person.owner, directory: $0, suffix: ".service")
                }
            }
        }
        if managers.contains(.launchd) {
            found.append(
                Place(system: .launchd, directory: LaunchdDirectory.systemDaemons.rawValue, suffix: ".plist"))
            for person in people {
                let own = "\(person.home)/\(LaunchdDirectory.userAgents.rawValue)"
                found += [own, LaunchdDirectory.allUsersAgents.rawValue].map {
                    Place(system: .launchd, owner: person.owner, directory: $0, suffix: ".plist")
                }
            }
        } else {
            // systemd makes units of scripts that no unit hides (systemd-sysv-generator(8)).
            let reader: InitSystem =
                managers.contains(.systemd) ? .systemd : managers.contains(.openrc) ? .openrc : .sysv
            found.append(Place(system: reader, directory: "/etc/init.d"))
        }
        return found
    }

    // MARK: Candidates

    /// Units, plists and scripts.
    private func units() -> [Rival] {
        var found: [Rival] = []
        // A unit hides those of its name in the directories behind it: the package's own is no rival.
        let mine = hook.scope == .user ? hook.owner : nil
        var names = Set(
            own.compactMap { $0.split(separator: "/").last }.map {
                JobName(system: hook.system, owner: mine, name: String($0))
            })
        // What belongs to all users is met once for each of them, and read once.
        var read: [String: [UInt8]?] = [:]
        for place in places {
            for name in ((try? kernel.list(place.directory)) ?? []).sorted() where name.hasSuffix(place.suffix) {
                let path = "\(place.directory)/\(name)"
                let isScript = place.suffix.isEmpty
                let unit = isScript && place.system == .systemd ? name + ".service" : name
                let key = JobName(system: place.system, owner: place.owner, name: unit)
                guard names.insert(key).inserted else { continue }
                let known = read[path] ?? content(path)
                read[path] = .some(known)
                guard let bytes = known else { continue }
                if isScript {
                    guard starts(words(of: bytes), home: nil) else { continue }
                    found.append(Rival(system: place.system, name: unit, path: path))
                } else if let job = job(path, bytes, place) {
                    found.append(
                        Rival(
                            system: place.system, owner: place.owner, name: place.system == .launchd ? job : unit,
                            path: path))
                }
            }
        }
        return found
    }

    /// The name of the job that a unit or plist describes, when it starts a supervisor over our configuration.
    private func job(_ path: String, _ bytes: [UInt8], _ place: Place) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard Self.names.contains(where: text.contains) else { return nil }
        let home = people.first { $0.owner == place.owner }?.home
        let format: Format = place.system == .systemd ? .systemd : .plist
        let file = InputFile(path: path, bytes: bytes, looksAround: false)
        let read = try? FormatRegistry.read(file, as: format, world: HostWorld(kernel))
        return read?.services.first { (service: Service) in
            // A shell's line is a word of words.
            let words = (service.command?.value.arguments ?? []).flatMap { word in
                word.contains(" ") ? self.words(of: Array(word.utf8)) : [word]
            }
            return starts(words, home: home, directory: service.workingDirectory?.value)
        }?.name.value
    }

    /// Directories that runsvdir(8) and s6-svscan(8) look at.
    private func serviceDirectories() -> [Rival] {
        var scanned: [(InitSystem, String)] = [
            (.runit, "/etc/service"), (.runit, "/var/service"), (.runit, "/service"), (.s6, "/run/service"),
            (.s6, "/etc/s6-linux-init/current/run-image/service"),
        ]
        if let directory = hook.options.serviceDirectory { scanned.append((hook.system, directory)) }
        var found: [Rival] = []
        var seen: Set<String> = []
        for (system, directory) in scanned where system == .runit || system == .s6 {
            for name in ((try? kernel.list(directory)) ?? []).sorted() where !name.hasPrefix(".") {
                guard let path = try? kernel.realPath("\(directory)/\(name)"), seen.insert(path).inserted,
                    !own.contains(path + "/run"), let bytes = content(path + "/run"),
                    starts(words(of: bytes), home: nil)
                else { continue }
                found.append(Rival(system: system, name: name, path: path))
            }
        }
        return found
    }

    /// `@reboot` lines of crontab(5). The machine's tables have the user behind the moment.
    private func cronLines() -> [Rival] {
        var found: [Rival] = []
        func look(_ table: String, _ path: String, of owner: Owner?, home: String?) {
            // Ours stands between two marks.
            for line in CronTable.edit(table, entry: nil).split(separator: "\n").map(String.init) {
                guard line.trimmed.hasPrefix("@reboot"), starts(words(of: Array(line.utf8)), home: home) else {
                    continue
                }
                var rival = Rival(system: .cron, owner: owner, name: "@reboot", path: path)
                rival.line = line
                found.append(rival)
            }
        }
        let files = ["/etc/crontab"] + ((try? kernel.list("/etc/cron.d")) ?? []).sorted().map { "/etc/cron.d/" + $0 }
        for path in files where !own.contains(path) {
            if let bytes = content(path) { look(String(decoding: bytes, as: UTF8.self), path, of: nil, home: nil) }
        }
        if hook.userID != 0 {
            let answer = ToolRunner(kernel: kernel).run(ToolCall(["crontab", "-l"]))
            if answer.code == 0 { look(answer.output, "crontab -e", of: hook.owner, home: hook.home) }
            return found
        }
        for directory in ["/var/spool/cron/crontabs", "/var/spool/cron", "/usr/lib/cron/tabs"] {
            for name in ((try? kernel.list(directory)) ?? []).sorted() {
                guard let bytes = content("\(directory)/\(name)"), let account = try? kernel.user(named: name) else {
                    continue
                }
                look(
                    String(decoding: bytes, as: UTF8.self), "\(directory)/\(name)",
                    of: Owner(id: account.id, name: account.name), home: account.home)
            }
        }
        return found
    }

    /// What a file holds; a pipe that a user put there is not waited for.
    private func content(_ path: String) -> [UInt8]? {
        guard (try? kernel.status(of: path, followLinks: true))?.kind == .regular else { return nil }
        return try? kernel.readFile(path, limit: 1 << 20)
    }

    // MARK: What they start

    private static var names: [String] { ["supervisord", "svinstall", "supervisor.supervisord"] }

    /// The words of a script, without its comments. Assignments and quotes are no words of their own.
    private func words(of bytes: [UInt8]) -> [String] {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .filter { !trimming($0).hasPrefix("#") }
        return lines.flatMap { line in
            line.split { " \t\r\"'=;`()".contains($0) }.map(String.init)
        }
    }

    /// Whether the words start a supervisor over our configuration. `home`: the user's, for what is found without `-c`;
    /// `directory`: where they are run.
    private func starts(_ words: [String], home: String?, directory: String? = nil) -> Bool {
        let programs = words.map { $0.split(separator: "/").last.map(String.init) ?? "" }
        guard let at = programs.firstIndex(where: Self.names.contains) else { return false }
        let later = words.dropFirst(at + 1)
        let isOurs = programs[at] == "svinstall"
        if isOurs, !later.contains("run") { return false }
        var named: [String] = []
        var isNext = false
        for word in later {
            if isNext { named.append(word) } else if let path = path(in: word) { named.append(path) }
            isNext = word == "--configuration" || Self.afterFlags(word) == "c"
            // `svinstall run` takes files without an option.
            if isOurs, word.hasPrefix("/") { named.append(word) }
        }
        if let home { named = named.map { expand($0, home) } }
        if let directory { named = named.map { $0.hasPrefix("/") ? $0 : "\(directory)/\($0)" } }
        named = named.filter { isFile($0, kernel) }
        if named.isEmpty, let found = usual(isOurs ? home : nil, isOurs: isOurs) { named = [found] }
        return named.contains {
            same($0, configuration) || !sockets.isDisjoint(with: Facts.sockets(of: $0, kernel))
        }
    }

    /// `--configuration=PATH`, `-cPATH` and `-ncPATH`.
    private func path(in word: String) -> String? {
        let head = "--configuration="
        if word.hasPrefix(head) { return String(word.dropFirst(head.utf8.count)) }
        let rest = Self.afterFlags(word)
        return rest.hasPrefix("c") && rest.utf8.count > 1 ? String(rest.dropFirst()) : nil
    }

    /// What is left of short options behind those that take no value (supervisord 4.3: `-n`, `-s`, `-t`, `-k`).
    private static func afterFlags(_ word: String) -> Substring {
        guard word.hasPrefix("-"), !word.hasPrefix("--") else { return "" }
        return word.dropFirst().drop { "nstk".contains($0) }
    }

    private func expand(_ word: String, _ home: String) -> String {
        for sign in ["%h/", "~/", "$HOME/"] where word.hasPrefix(sign) {
            return home + "/" + word.dropFirst(sign.count)
        }
        return word
    }

    /// What a supervisor finds without `-c`.
    private func usual(_ home: String?, isOurs: Bool) -> String? {
        let own = isOurs ? [(home.map { $0 + "/.config" } ?? "/etc") + "/svinstall/svinstall.conf"] : []
        return (own + ConfigurationChoice.supervisordFiles).first { isFile($0, kernel) }
    }

    private func same(_ left: String, _ right: String) -> Bool {
        left == right || (try? kernel.realPath(left)) == (try? kernel.realPath(right))
    }

    // MARK: Whether they are switched on

    /// The rival with what its init says of it; `nil` when it neither starts at boot nor runs.
    private func state(_ rival: Rival) -> Rival? {
        let tools = ToolRunner(kernel: kernel)
        var found = rival
        var isEnabled = true
        switch rival.system {
        case .systemd:
            let question = hook.systemctl(
                ["is-enabled", rival.name], of: rival.owner, offline: rival.isForeign(hook))
            isEnabled = tools.run(question).code == 0
            found.wasRunning = tools.run(hook.systemctl(["is-active", rival.name], of: rival.owner)).code == 0
        case .launchd:
            // Loaded it is in the graphical domain, if anywhere.
            found.wasRunning = true
            let answers = [["print", found.target(hook)], ["print-disabled", rival.domain(hook)]].map {
                tools.run(ToolCall(["launchctl"] + $0))
            }
            let state = LaunchctlState.judge(answers, label: rival.name)
            isEnabled = state.isEnabled ?? true
            found.wasRunning = state.isLoaded ?? false
        case .openrc:
            let answer = tools.run(ToolCall(["rc-update", "show", "default"]))
            isEnabled = answer.output.split(separator: "\n").contains { (line: Substring) in
                line.split(separator: "|").first.map { trimming($0) == rival.name } ?? false
            }
            found.wasRunning = tools.run(ToolCall(["rc-service", rival.name, "status"])).code == 0
        case .sysv:
            let names = (try? kernel.list("/etc/rc2.d")) ?? []
            isEnabled = names.contains { $0.hasPrefix("S") && $0.hasSuffix(rival.name) }
            found.wasRunning = tools.run(ToolCall([rival.path, "status"])).code == 0
        case .runit, .s6:
            isEnabled = (try? kernel.status(of: rival.path + "/down", followLinks: false)) == nil
            let call = ToolCall(rival.system == .runit ? ["sv", "status", rival.path] : ["s6-svstat", rival.path])
            let words = tools.run(call).output
            found.wasRunning = words.hasPrefix("run:") || words.hasPrefix("up")
        case .cron: break
        }
        return isEnabled || found.wasRunning ? found : nil
    }
}
