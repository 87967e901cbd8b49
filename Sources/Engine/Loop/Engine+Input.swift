import Kernel
import Reactor
import Supervision

/// The programs' standard input.
extension Engine {
    func writeInput(_ bytes: [UInt8], to target: Target, _ answer: @escaping @Sendable (ControlAnswer) -> Void) {
        guard let name = programName(target), let program = programIDs[name] else {
            return reply(answer, .fault(Fault(.badName, target.namespec)))
        }
        guard let run = programs[program]?.run, machine.status(of: program)?.state != .stopping else {
            return reply(answer, .fault(Fault(.notRunning, name.namespec)))
        }
        switch sendInput(bytes, to: run) {
        case .written, .waiting:
            reply(answer, .done)
        case .full:
            reply(answer, .fault(Fault(.failed, "'\(name.namespec)' does not read its standard input")))
        case .closed, nil:
            reply(answer, .fault(Fault(.noFile, name.namespec)))
        }
    }

    /// Writes to a run's standard input; `nil` when it has none. `however`: whatever their size, if nothing waits.
    func sendInput(_ bytes: [UInt8], to run: RunID, however: Bool = false) -> InputWriter.Outcome? {
        guard let outcome = runs[run]?.input?.write(bytes, kernel, however: however) else { return nil }
        if outcome == .closed { closeInput(run) } else { watchInput(run, outcome) }
        return outcome
    }

    /// The program reads again.
    func flushInput(_ run: RunID) {
        guard let outcome = runs[run]?.input?.flush(kernel) else { return }
        if outcome == .closed { closeInput(run) } else { watchInput(run, outcome) }
    }

    func closeInput(_ run: RunID) {
        guard let input = runs[run]?.input else { return }
        if input.isWatched { loop.poller.remove(input.descriptor) }
        kernel.close(input.descriptor)
        runs[run]?.input = nil
    }

    private func watchInput(_ run: RunID, _ outcome: InputWriter.Outcome) {
        guard let input = runs[run]?.input else { return }
        switch (outcome, input.isWatched) {
        case (.waiting, false):
            if (try? loop.poller.add(input.descriptor, token: run.number, .writable)) != nil {
                runs[run]?.input?.isWatched = true
            }
        case (.written, true):
            loop.poller.remove(input.descriptor)
            runs[run]?.input?.isWatched = false
        default:
            break
        }
    }
}

extension Target {
    /// As a client writes it.
    var namespec: String {
        switch self {
        case .process(let group, let name): ProgramName(group: group, process: name).namespec
        case .group(let group): "\(group):*"
        case .all: "all"
        }
    }
}
