import Kernel
import ServiceModel
import SourceText

/// The sockets on which a daemon answers: bound before anything else exists, given back when a start fails.
extension DaemonLife {
    /// The private control socket, for whom the daemon will work. Where it cannot be made (a user without a writable
    /// home, as in many containers) the daemon goes without, and says so: supervisord would start there too.
    func bindPrivate(owner: UserAccount?) throws(StartFailure) -> (BoundListener?, PlanNotice?) {
        guard let settings = privateSettings(owner: owner) else { return (nil, nil) }
        switch SocketBinder(kernel: kernel, manners: .own).bind(settings) {
        case .success(let listener): return (listener, nil)
        case .failure(.inUse(let place)): throw failure(.inUse(place), settings)
        case .failure(let problem):
            return (nil, PlanNotice(.warning, "svinstall's own control socket is missing: \(problem)"))
        }
    }

    /// The private control socket for one more life: bound anew where its path leads to nobody. One that was deleted and made
    /// again was the port's, and has ended with that.
    func renewPrivate(_ listener: BoundListener?) -> BoundListener? {
        guard let listener,
            case .success(let fresh) = SocketBinder(kernel: kernel, manners: .own).bind(listener.settings)
        else { return listener }
        kernel.close(listener.descriptor)
        return fresh
    }

    /// What the private control socket is; `nil` where there is to be none.
    func privateSettings(owner: UserAccount?) -> ListenerSettings? {
        options.privateSocket.map { path in
            ListenerSettings(
                section: "svinstall", address: .unix(path: path, mode: 0o600, owner: owner.map { "\($0.id)" }),
                isPrivate: true)
        }
    }

    /// The sockets of the configuration.
    func bind(
        _ settings: DaemonSettings, orRelease other: BoundListener?
    ) throws(StartFailure) -> ([BoundListener], [PlanNotice]) {
        let binder = SocketBinder(kernel: kernel, manners: options.manners)
        var bound: [BoundListener] = []
        var remarks: [PlanNotice] = []
        for listener in settings.listeners {
            let result = binder.bind(listener) { path in
                kernel.tellStandardError("Unlinking stale socket \(path)\n", waits: kernel.holder == nil)
            }
            switch result {
            case .success(let ready):
                bound.append(ready)
                remarks += self.remarks(on: listener, settings)
            case .failure(let problem):
                release(bound + [other].compactMap(\.self))
                throw failure(problem, listener)
            }
        }
        return (bound, remarks)
    }

    func release(_ listeners: [BoundListener]) {
        for listener in listeners {
            kernel.close(listener.descriptor)
            if case .unix(let path, _, _) = listener.settings.address { try? kernel.unlink(path) }
        }
    }

    /// What supervisord says of each of its servers.
    func remarks(on listener: ListenerSettings, _ settings: DaemonSettings) -> [PlanNotice] {
        var remarks = [PlanNotice(.trace, opening(of: listener.address))]
        if settings.offersSupervisorNamespace {
            remarks.append(PlanNotice(.info, "RPC interface 'supervisor' initialized"))
        }
        if listener.username == nil {
            let text = "Server '\(listener.section)' running without any HTTP authentication checking"
            remarks.append(PlanNotice(.critical, text))
        }
        return remarks
    }

    /// The words of the server that supervisord embeds.
    private func opening(of address: ListenerSettings.Address) -> String {
        let name: String
        let host: String
        let port: String
        switch address {
        case .unix(let path, _, _): (name, host, port) = (path, "<unix domain socket>", path)
        case .tcp(let ip, let number): (name, host, port) = (ip, ip, "\(number)")
        }
        let time = kernel.localTime(wall: kernel.now().wall).asctime
        return "\(name):Medusa (V1.12) started at \(time)\n\tHostname: \(host)\n\tPort:\(port)"
    }

    func failure(_ problem: SocketBinder<K>.Problem, _ listener: ListenerSettings) -> StartFailure {
        switch problem {
        case .inUse:
            StartFailure(
                .cannotCreate, code: "socket-in-use", "\(problem)",
                remedy: listener.isPrivate
                    ? "a daemon for this configuration runs already: see svinstall status"
                    : "shut that program down first, or change [\(listener.section)]",
                original:
                    "Another program is already listening on a port that one of our HTTP servers is configured to "
                    + "use.  Shut this program down first before starting supervisord.")
        case .tooLong:
            StartFailure(
                .badConfiguration, code: "socket-path", "\(problem)", remedy: "choose a shorter path",
                original: "Cannot open an HTTP server: socket.error reported AF_UNIX path too long")
        case .unknownOwner:
            StartFailure(
                .badConfiguration, code: "socket-owner", "\(problem)",
                remedy: "name a user and group that exist in chown=", original: "\(problem)")
        case .failed(let error):
            StartFailure(
                .cannotCreate, code: "socket", "cannot listen: \(error)",
                remedy: "check the directory and the address of [\(listener.section)]",
                original: "Cannot open an HTTP server: socket.error reported errno.\(error.name) "
                    + "(\(error.number.rawValue))")
        }
    }
}
