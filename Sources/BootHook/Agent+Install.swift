import Kernel
import Locations
package import SourceText

/// What an installation did.
package struct InstallOutcome: Sendable {
    /// What was changed, a line each; empty when everything held already.
    package var changes: [String] = []
    /// How files differ from what they were.
    package var differences: [String] = []
    /// What a person should know.
    package var remarks: [String] = []
    package var report: AgentReport
}

extension Agent {
    /// Makes every link of the chain hold that does not, from the first to the last. Where it ends early, running it
    /// again goes on, and `uninstall` takes back what is there.
    package func install() throws(Failure) -> InstallOutcome {
        let known = installed()
        let hook = try hook(known, renews: true)
        try requireRights(hook)
        let facts = facts(hook)
        let situation = try planned(hook, known, facts)
        var inspector = inspector(situation, facts, wantsCurrent: true)
        let runner = runner(situation)
        try requirePreconditions(situation, inspector)

        var outcome = InstallOutcome(report: AgentReport(situation, root: root))
        outcome.differences = differences(situation)
        let wasRunning = !situation.isImage && inspector.look(.running).holds
        // It answers where the file of before says, until it is started anew.
        let answersAsBefore =
            wasRunning && (!outcome.differences.isEmpty || runsAsBefore(situation, inspector.manager.pid))
        for link in situation.chain {
            let before = inspector.look(link.check)
            if before.holds || link.isPrecondition || link.make.isEmpty { continue }
            if link.name == .answers, answersAsBefore { continue }
            do throws(Failure) {
                for step in link.make {
                    let isDone = try runner.perform(step)
                    if isDone, let words = step.deed {
                        outcome.changes.append(root.isEmpty ? words : "\(words) in \(root)")
                    }
                }
            } catch {
                // What the daemon said explains a start that failed, and nothing else.
                let isStart = [.loaded, .running, .answers].contains(link.name)
                guard link.isOptional else { throw isStart ? withLastWords(error, situation) : error }
                outcome.remarks.append(
                    "\(link.name.rawValue): \(before.detail); mend it with: \(before.remedy ?? link.remedy)")
            }
            inspector.forget(link.name)
        }
        outcome.remarks += remarks(situation, facts, before: known)
        if situation.isImage { return outcome }
        if answersAsBefore {
            outcome.remarks.append(
                "the running daemon was not disturbed; '\(hook.agent("restart"))' starts it as it is now described")
        }
        // The built-in default is written by the daemon's first start.
        if facts.problem != nil { inspector = self.inspector(situation, self.facts(hook), wantsCurrent: true) }
        outcome.report = report(situation, inspector)
        let broken = outcome.report.links.filter { item in
            !item.finding.holds && !item.link.isOptional && !(answersAsBefore && item.link.name == .answers)
        }
        guard broken.isEmpty else {
            throw Failure(
                .systemError,
                broken.map { item in
                    Diagnostic(
                        .error, code: "agent-\(item.link.name.rawValue)",
                        "\(item.link.name.rawValue): \(item.finding.detail)",
                        remedy: "mend it with: \(item.remedy)")
                })
        }
        return outcome
    }

    /// What would be done, without doing any of it.
    package func rehearse() throws(Failure) -> [String] {
        let known = installed()
        let hook = try hook(known, renews: true)
        try requireRights(hook)
        let facts = facts(hook)
        let situation = try planned(hook, known, facts)
        let inspector = inspector(situation, facts, wantsCurrent: true)
        try requirePreconditions(situation, inspector)
        var lines = differences(situation)
        for link in situation.chain {
            let finding = inspector.look(link.check)
            if finding.holds { continue }
            // What follows from the steps before has none of its own; a mask stays.
            if link.name == .override { lines.append("override: \(finding.detail); \(finding.remedy ?? link.remedy)") }
            lines += link.make.map { "would " + $0.description }
        }
        return lines
    }

    /// The situation as it shall be: what is there now is remembered for the way back.
    private func planned(_ hook: Hook, _ known: HookRecord?, _ facts: Facts) throws(Failure) -> Situation {
        var record = HookRecord(hook)
        record.allowed = Set((known?.allowed ?? []) + request.allowed.map { absolutePath($0, kernel) }).sorted()
        record.replaced = known?.replaced ?? []
        record.turnedLingerOn = known?.turnedLingerOn ?? false
        if hook.program == HookPlaces.programCopy, request.copiesProgram || known?.copy != nil {
            record.copy = HookPlaces.programCopy
        }
        var situation = try situation(hook, record, facts)
        let inspector = inspector(situation, facts, wantsCurrent: true)
        for file in situation.procedure.files { record.files[file.path] = HookRecord.fingerprint(file.bytes) }
        var directories = Set(known?.madeDirectories ?? [])
        for path in situation.chain.flatMap(\.make).compactMap(\.place) { directories.formUnion(missing(path)) }
        record.madeDirectories = directories.sorted()
        if !situation.isImage {
            if hook.system == .systemd, hook.scope == .user, !inspector.look(.linger(hook.userName)).holds {
                record.turnedLingerOn = true
            }
            if request.replacesRivals {
                for rival in inspector.activeRivals()
                where rival.isWithinReach(hook) && !record.replaced.contains(where: { $0.isSame(as: rival) }) {
                    record.replaced.append(rival)
                }
            }
        }
        situation.record = record
        return situation
    }

    /// Directories above a path that are not there yet.
    private func missing(_ path: String) -> [String] {
        var found: [String] = []
        var current = parentDirectory(of: path)
        while current.count > 1, (try? kernel.status(of: root + current, followLinks: false)) == nil {
            found.append(current)
            current = parentDirectory(of: current)
        }
        return found
    }

    private func differences(_ situation: Situation) -> [String] {
        if case .crontab(let entry?)? = situation.procedure.enable.first,
            let list = situation.procedure.questions.first,
            let old = CronTable.entry(of: ToolRunner(kernel: kernel).run(list).output), old != entry
        {
            return ["--- crontab"] + TextDiff.lines(old, entry)
        }
        return situation.procedure.files.flatMap { file -> [String] in
            guard let old = try? kernel.readFile(root + file.path, limit: 1 << 20), old != file.bytes else { return [] }
            return ["--- \(file.path)"]
                + TextDiff.lines(String(decoding: old, as: UTF8.self), String(decoding: file.bytes, as: UTF8.self))
        }
    }

    /// A start that failed is told with what the daemon said.
    private func withLastWords(_ failure: Failure, _ situation: Situation) -> Failure {
        guard !situation.isImage, situation.hook.system == .systemd || situation.hook.system == .launchd else {
            return failure
        }
        var failure = failure
        for line in lastWords(situation) {
            failure.diagnostics.append(Diagnostic(.note, code: "agent-log", line))
        }
        return failure
    }

    func lastWords(_ situation: Situation) -> [String] {
        guard let call = situation.procedure.logs else { return [] }
        let words = call.words.first == "journalctl" ? call.words + ["-n", "10", "-o", "cat"] : call.words
        let answer = ToolRunner(kernel: kernel).run(ToolCall(words, limit: .seconds(10)))
        guard answer.code == 0 else { return [] }
        return answer.output.split(separator: "\n").suffix(10).map { String($0).oneLine }
    }
}

extension Step {
    /// What an installation tells of the step once it is done; `nil` for what only waits or asks.
    var deed: String? {
        switch self {
        case .makeDirectory(let path): "made \(path)"
        case .write(let file): "wrote \(file.path)"
        case .link(let link): "linked \(link.path)"
        case .copy(_, let target): "copied svinstall to \(target)"
        case .remove(let path), .removeDirectory(let path): "removed \(path)"
        case .call(let call, _, _, _): "ran \(call)"
        case .crontab: "changed the crontab"
        case .cronLine: "did: \(description)"
        case .removeEntries, .wait: nil
        }
    }

    /// Where it puts something; a directory counts with a slash, as something in it.
    var place: String? {
        switch self {
        case .makeDirectory(let path): path + "/"
        case .write(let file): file.path
        case .link(let link): link.path
        case .copy(_, let target): target
        case .remove, .removeEntries, .removeDirectory, .call, .wait, .crontab, .cronLine: nil
        }
    }
}
