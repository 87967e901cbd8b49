import Kernel
import Locations
import SourceText

/// What a person should know beside what was done. None of it keeps the daemon from running.
extension Agent {
    /// `before`: the hook that was there.
    func remarks(_ situation: Situation, _ facts: Facts, before known: HookRecord?) -> [String] {
        let hook = situation.hook
        if situation.isImage { return imageRemarks(situation) }
        return [otherProgram(situation), otherUser(hook)].compactMap(\.self) + unfound(hook, facts)
            + [daemonOfBefore(hook, known)].compactMap(\.self) + situation.procedure.remarks
            + [losses(hook)].compactMap(\.self)
    }

    /// A tree that is not running: what must still come into it.
    private func imageRemarks(_ situation: Situation) -> [String] {
        let hook = situation.hook
        var remarks: [String] = []
        for (path, what) in [(hook.program, "svinstall"), (hook.configuration ?? "/", "the configuration")]
        where (try? kernel.status(of: root + path, followLinks: true)) == nil {
            remarks.append("\(path) is not in the tree: \(what) must be there when it is booted")
        }
        if let obstacle = situation.procedure.bootObstacle {
            remarks.append("it will not start at boot: \(obstacle.cause); \(obstacle.remedy)")
        }
        if hook.system == .systemd, hook.scope == .user, !imageLingers(hook) {
            let place = root + HookPlaces.linger
            remarks.append(
                "it starts at login, and at boot once there is a file of the user's name: "
                    + "mkdir -p \(ShellWords.quote(place)) && touch \(ShellWords.quote("\(place)/\(hook.userName)"))")
        }
        return remarks
    }

    private func otherProgram(_ situation: Situation) -> String? {
        guard request.program == nil, situation.record.copy == nil, let own = kernel.executablePath(),
            (try? kernel.realPath(own)) != (try? kernel.realPath(situation.hook.program))
        else { return nil }
        return "the hook starts \(situation.hook.program); --program \(ShellWords.quote(own)) makes it start this one"
    }

    private func otherUser(_ hook: Hook) -> String? {
        guard hook.scope == .user, kernel.userID == 0, let name = kernel.variable("SUDO_USER"), name != "root" else {
            return nil
        }
        return "this is root's own hook; for one of \(name)'s, run it without sudo"
    }

    /// cron starts a daemon and forgets it: one with another configuration stays.
    private func daemonOfBefore(_ hook: Hook, _ known: HookRecord?) -> String? {
        guard hook.system == .cron, let old = known?.configuration, old != hook.configuration,
            ControlSocket.answers(ControlSocket.path(for: old, in: places(hook)), kernel)
        else { return nil }
        return "the daemon of \(old) still runs; svinstall -c \(ShellWords.quote(old)) shutdown ends it"
    }

    private func losses(_ hook: Hook) -> String? {
        guard hook.options.isHardened, hook.system == .systemd else { return nil }
        return "--harden takes from programs: " + Hardening.settings.map(\.loss).joined(separator: "; ")
    }

    /// Programs that a shell finds, and the hook's daemon will not: version managers put theirs into a home.
    private func unfound(_ hook: Hook, _ facts: Facts) -> [String] {
        guard request.root == nil else { return [] }
        func place(_ command: String, _ path: String) -> String? {
            path.split(separator: ":").map { "\($0)/\(command)" }.first {
                isFile($0, kernel) && (try? kernel.mayAccess($0, .execute)) == true
            }
        }
        return facts.lookedUp.compactMap { program, command in
            guard place(command, hook.searchPath) == nil, let found = place(command, kernel.variable("PATH") ?? "")
            else {
                return nil
            }
            return "program \(program): '\(command)' is \(found) for you, and not in the PATH of the hook; "
                + "write the whole path, or environment=PATH=…"
        }.sorted().prefix(10).map { $0 }
    }
}
