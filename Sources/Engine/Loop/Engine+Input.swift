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
        guard runs[run]?.input != nil, let outcome = runs[run]?.input?.write(bytes, kernel) else {
            return reply(answer, .fault(Fault(.noFile, name.namespec)))
        }
        switch outcome {
        case .written, .waiting:
            watchInput(run, outcome)
            reply(answer, .done)
        case .full:
            reply(answer, .fault(Fault(.failed, "'\(name.namespec)' does not read its standard input")))
        case .closed:
            closeInput(run)
            reply(answer, .fault(Fault(.noFile, name.namespec)))
        }
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
