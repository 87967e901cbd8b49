import Kernel
import ServiceModel
import SourceText
import Supervision

/// Binds the sockets on which the daemon answers.
struct SocketBinder<K: SystemCalls>: Sendable {
    let kernel: K
    let manners: Manners

    enum Problem: Error, Sendable, CustomStringConvertible {
        /// Somebody answers there already.
        case inUse(String)
        /// The path is longer than a socket's may be.
        case tooLong(String, limit: Int)
        case unknownOwner(String)
        case failed(SystemError)

        var description: String {
            switch self {
            case .inUse(let place): "another program already listens on \(place)"
            case .tooLong(let path, let limit):
                "the socket path \(path) has \(path.utf8.count) bytes; the system allows \(limit)"
            case .unknownOwner(let owner): "Invalid sockchown value \(owner)"
            case .failed(let error): "\(error)"
            }
        }
    }

    /// A socket that nobody answers on any more is replaced; `stale` is told of it.
    func bind(_ settings: ListenerSettings, stale: (String) -> Void = { _ in }) -> Result<BoundListener, Problem> {
        switch settings.address {
        case .unix(let path, let mode, let owner):
            bindUnix(path, mode, owner, settings, stale)
        case .tcp(let host, let port):
            bindTCP(host, port, settings)
        }
    }

    private func bindTCP(_ host: String, _ port: Int, _ settings: ListenerSettings) -> Result<BoundListener, Problem> {
        do throws(SystemError) {
            let number = UInt16(clamping: port)
            let descriptor = try kernel.listenTCP(host: host.isEmpty || host == "*" ? nil : host, port: number)
            return .success(BoundListener(settings: settings, descriptor: descriptor))
        } catch {
            return .failure(error.number == .addressInUse ? .inUse("\(host):\(port)") : .failed(error))
        }
    }

    private func bindUnix(
        _ path: String, _ mode: UInt32, _ owner: String?, _ settings: ListenerSettings, _ stale: (String) -> Void
    ) -> Result<BoundListener, Problem> {
        let limit = kernel.socketPathLimit
        guard path.utf8.count <= limit else { return .failure(.tooLong(path, limit: limit)) }
        var user: UInt32?
        var group: UInt32?
        if let owner {
            guard let ids = ids(of: owner) else { return .failure(.unknownOwner(owner)) }
            (user, group) = ids
        }
        do throws(SystemError) {
            switch try occupant(of: path) {
            case .nobody: break
            case .dead: stale(path)
            case .alive: return .failure(.inUse(path))
            }
            let descriptor = try kernel.listenUnix(path, mode: mode, user: user, group: group)
            return .success(BoundListener(settings: settings, descriptor: descriptor))
        } catch {
            return .failure(error.number == .addressInUse ? .inUse(path) : .failed(error))
        }
    }

    private enum Occupant { case nobody, dead, alive }

    private func occupant(of path: String) throws(SystemError) -> Occupant {
        guard let status = try? kernel.status(of: path, followLinks: false) else { return .nobody }
        // What `touch` leaves, as images for containers do.
        if status.kind == .regular, status.size == 0 || manners.replacesFilesBySockets {
            try kernel.unlink(path)
            return .dead
        }
        guard status.kind == .socket else { return .nobody }
        do throws(SystemError) {
            kernel.close(try kernel.connectUnix(path))
            return .alive
        } catch  where error.number == .connectionRefused || error.number == .noEntry {
            return .dead
        } catch {
            // Its listener may be too busy to answer, or not ours to talk to: not ours to replace either.
            return .alive
        }
    }

    /// `user[:group]`, names or numbers; without a group the user's own.
    private func ids(of owner: String) -> (user: UInt32?, group: UInt32?)? {
        let parts = owner.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, case .success(let account) = ChildIdentity(kernel: kernel).account(name) else {
            return nil
        }
        guard parts.count == 2 else { return (account.id, account.group) }
        if let id = UInt32(parts[1]) { return (account.id, id) }
        guard let group = try? kernel.group(named: parts[1]) else { return nil }
        return (account.id, group.id)
    }
}
