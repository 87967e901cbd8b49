import Kernel
import ServiceModel
import SourceText
import Supervision

/// The sockets that FastCGI programs share.
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
            pool.submit(lane: Lane.births) { [kernel] in socket.close(kernel) }
        }
        leavingHolders.removeAll()
    }

    /// Takes a group into service once its socket has proven possible.
    func rehearseSocket(of group: ServiceGroup, _ answer: @escaping Answer) {
        guard case .fastCGI(let settings) = group.kind else { return activate(group, answer: answer) }
        pool.submit(lane: Lane.births) { [kernel, link, logger] in
            let result = Result { () throws(SharedSocket.Problem) in
                try SharedSocket(settings).rehearse(kernel) { logger.log(.info, $0, wall: kernel.now().wall) }
            }
            link.report(.socketRehearsed(group, result, answer))
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
            reply(answer, .fault(Fault(.failed, "\(problem)")))
        }
    }
}
