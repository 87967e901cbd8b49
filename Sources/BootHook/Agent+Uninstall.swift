import Kernel
import Locations
package import SourceText

extension Agent {
    /// Takes back what the record tells of, from the last link to the first; configuration and logs stay. What was
    /// removed, a line each; nothing when nothing is installed. With `dryRun` it only says so.
    package func uninstall(dryRun: Bool = false) throws(Failure) -> [String] {
        let known = installed()
        let hook = try hook(known)
        try requireRights(hook)
        let facts = facts(hook)
        let situation = try situation(hook, known ?? HookRecord(hook), facts)
        let hasFile = situation.procedure.files.contains { isThere($0.path) }
        let runner = runner(situation)
        let hasHalves = !runner.halves(of: root + situation.recordPath).isEmpty
        guard known != nil || hasFile || hasHalves || hasTable(situation) else { return [] }
        let links: [ChainLink] = situation.chain.reversed()
        if dryRun { return links.flatMap(\.undo).map { "would " + $0.description } }

        let silence = situation.isImage ? nil : inspector(situation, facts, wantsCurrent: false).manager.silence
        var done: [String] = []
        var problems: [Diagnostic] = []
        for link in links where link.name != .record {
            for step in link.undo {
                let wasThere = step.removed.map(isThere)
                do throws(Failure) {
                    let isDone = try runner.perform(step)
                    // A directory in which something else lies stays.
                    let stays = step.removed.map(isThere) ?? false
                    if isDone, wasThere != false, !stays, let words = step.deed { done.append(words) }
                } catch {
                    // An init that does not run has nothing running, and reads its files when it comes up.
                    if silence == nil { problems += error.diagnostics }
                }
            }
        }
        guard problems.isEmpty else {
            // The record stays: another try begins where this one ended.
            throw Failure(.systemError, problems)
        }
        if let record = links.last(where: { $0.name == .record }) {
            for step in record.undo {
                let wasThere = step.removed.map(isThere)
                try runner.perform(step)
                if wasThere == true, case .remove = step { done.append("removed \(step.removed ?? "")") }
            }
        }
        return done
    }

    private func isThere(_ path: String) -> Bool {
        (try? kernel.status(of: root + path, followLinks: false)) != nil
    }

    /// A user's cron hook has no file of its own.
    private func hasTable(_ situation: Situation) -> Bool {
        guard situation.procedure.files.isEmpty, !situation.isImage else { return false }
        return situation.procedure.judge(situation.procedure.questions.map { ToolRunner(kernel: kernel).run($0) })
            .isEnabled == true
    }
}

extension Step {
    /// What it takes away.
    var removed: String? {
        switch self {
        case .remove(let path), .removeDirectory(let path): path
        case .makeDirectory, .write, .link, .copy, .removeEntries, .call, .wait, .crontab, .cronLine: nil
        }
    }
}
