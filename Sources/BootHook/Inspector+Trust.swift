import Kernel
import Locations
import SourceText

// Who else has a say: whoever can write what root runs, and other hooks for the same configuration.
extension Inspector {
    func trust(_ paths: [String]) -> Finding {
        let judge = Trust(kernel, allowed: Set(situation.record.allowed))
        let places = paths + [parentDirectory(of: situation.procedure.files.first?.path ?? "/")]
        for path in places {
            guard let weakness = judge.weakness(of: path) else { continue }
            let whose = weakness.path == path ? "" : ", on the way to \(path),"
            let accepting = "\(situation.install) --allow \(ShellWords.quote(path))"
            var finding = Finding(
                false,
                "\(weakness.path)\(whose) \(weakness.reason): whoever writes it decides what root runs; \(accepting) "
                    + "accepts that")
            finding.remedy = remedy(path, weakness)
            return finding
        }
        return Finding(true, "only root can write what root runs")
    }

    /// What takes it out of others' hands. A home is its user's, and so is Homebrew's prefix: those are left alone.
    private func remedy(_ path: String, _ weakness: Weakness) -> String {
        let hook = situation.hook
        if path == hook.program { return "\(situation.install) --copy" }
        let places = Places(.system, environment: kernel.environment, home: hook.home)
        if path == hook.configuration, weakness.path != path,
            !(places.configuration + "/").hasPrefix(weakness.path + "/")
        {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            let free = ["", "copy-of-"].map { "\(places.configuration)/\($0)\(name)" }.first { !isFile($0, kernel) }
            let target = ShellWords.quote(free ?? "\(places.configuration)/NAME")
            return "mkdir -p \(places.configuration) && cp \(ShellWords.quote(path)) \(target) && "
                + "\(situation.install) -c \(target)"
        }
        // A file of theirs may be taken; a home may not.
        if weakness.isSomebodys, weakness.path != path {
            return "\(situation.install) --allow \(ShellWords.quote(path))"
        }
        let place = ShellWords.quote(weakness.path)
        return "chown root \(place) && chmod go-w \(place)"
    }

    func rivals() -> Finding {
        let rivals = activeRivals()
        guard let first = rivals.first else { return Finding(true, "no other hook starts this configuration") }
        var finding = Finding(
            false, "\(rivals.map(\.title).joined(separator: ", ")) starts a supervisor over the same configuration")
        let hook = situation.hook
        if let far = rivals.first(where: { !$0.isWithinReach(hook) }) {
            finding.remedy = far.remedy(hook)
        } else if situation.record.replaced.contains(where: { $0.isSame(as: first) }) {
            // It was switched off once, and somebody switched it on again.
            finding.remedy = first.remedy(hook)
        }
        return finding
    }
}
