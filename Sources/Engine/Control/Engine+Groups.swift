import Kernel
import ServiceModel
import SourceText
import Supervision

/// What groups need before they come into service, and the sockets that FastCGI programs share.
extension Engine {
    /// A group with a socket of its own came into service.
    func provideSocket(for group: ServiceGroup) {
        if case .fastCGI(let settings) = group.kind { sharedSockets[group.name] = SharedSocket(settings) }
    }

    /// A run is about to begin and takes the socket of its group, if it has one.
    func takeSocket(for run: RunID, _ spec: LaunchSpec) {
        if spec.socket != nil { socketHolders.take(run, of: spec.group) }
    }

    /// Runs are over. With the last one of its group a socket goes.
    func giveBackSockets() {
        for (run, spec) in leavingHolders {
            guard let socket = spec.socket, socketHolders.giveBack(run, of: spec.group), socket.isOpen else { continue }
            log(.info, socket.closingLine)
            // In the order of the spawns: the next one makes a new socket.
            nursery.submit(lane: Lane.births) { [kernel, store] in
                socket.close(kernel)
                store?.forget(.socket(group: spec.group))
                store?.flush()
            }
        }
        leavingHolders.removeAll()
    }

    /// Takes a group into service once the directories of its logs are there and its socket has proven possible.
    func prepare(_ group: ServiceGroup, _ answer: @escaping Answer) {
        let directories = configuration.lastRead.directoriesToMake
        let socket: SharedSocket? = if case .fastCGI(let settings) = group.kind { SharedSocket(settings) } else { nil }
        if directories.isEmpty, socket == nil { return activate(group, answer: answer) }
        nursery.submit(lane: Lane.births) { [kernel, link, logger] in
            func log(_ level: LogLevel, _ text: String) { logger.log(level, text, wall: kernel.now().wall) }
            for notice in MissingDirectories(kernel: kernel).make(directories, owner: nil) {
                log(notice.level, notice.text)
            }
            let result = Result { () throws(SharedSocket.Problem) in
                try socket?.rehearse(kernel) { log(.info, $0) }
            }
            link.report(.groupPrepared(group, result.map { _ in }, answer))
        }
    }

    func take(_ result: Result<Void, SharedSocket.Problem>, for group: ServiceGroup, _ answer: @escaping Answer) {
        switch result {
        case .success where configuration.active[group.name] == nil:
            activate(group, answer: answer)
        case .success:
            reply(answer, .fault(Fault(.alreadyAdded, group.name)))
        case .failure(let problem):
            log(.error, "\(problem)")
            reply(answer, .fault(Fault(.failed, "\(problem)", crash: problem.crash)))
        }
    }
}
