import Kernel
import ServiceModel
import SourceText
import Synchronization

/// The listening socket that the programs of an `[fcgi-program:x]` share as their standard input.
final class SharedSocket: Sendable {
    let settings: FastCGISocket
    private let descriptor = Monitor<Descriptor?>(nil)
    private let isBound = Atomic(false)

    init(_ settings: FastCGISocket) {
        self.settings = settings
    }

    /// Why there is no socket, in supervisord 4.3's words.
    struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        let url: String
        let reason: String

        var description: String { "Could not create FastCGI socket \(url): \(reason)" }

        /// See `Fault.crash`.
        var crash: String { "<class 'ValueError'>:\(self)" }
    }

    /// Whether there is one at this moment. Does not wait for a binding under way.
    var isOpen: Bool { isBound.load(ordering: .acquiring) }

    var creatingLine: String { "Creating socket \(settings.url)" }
    var closingLine: String { "Closing socket \(settings.url)" }

    /// The socket; made, with `log` told of it, where there is none. It stays ours to close. Blocks.
    func open<K: SystemCalls>(_ kernel: K, log: (String) -> Void) throws(Problem) -> Descriptor {
        let result = descriptor.withLock { descriptor in
            Result { () throws(Problem) in
                if let descriptor { return descriptor }
                log(creatingLine)
                let fresh = try bind(kernel)
                descriptor = fresh
                isBound.store(true, ordering: .releasing)
                return fresh
            }
        }
        return try result.get()
    }

    /// What the daemon's program before us opened, for us to go on with.
    func resume(_ open: Descriptor) {
        descriptor.withLock { $0 = open }
        isBound.store(true, ordering: .releasing)
    }

    /// The open socket. Waits for a binding under way.
    var handOver: Descriptor? { descriptor.withLock { $0 } }

    /// Closes it; the file of a unix socket stays behind (supervisord 4.3). Blocks.
    func close<K: SystemCalls>(_ kernel: K) {
        descriptor.withLock { descriptor in
            if let descriptor { kernel.close(descriptor) }
            descriptor = nil
            isBound.store(false, ordering: .releasing)
        }
    }

    /// Makes it and closes it again: what cannot be made shall fail when it is configured, not at the first start.
    func rehearse<K: SystemCalls>(_ kernel: K, log: (String) -> Void) throws(Problem) {
        _ = try open(kernel, log: log)
        log(closingLine)
        close(kernel)
    }

    private func bind<K: SystemCalls>(_ kernel: K) throws(Problem) -> Descriptor {
        do throws(SystemError) {
            let socket = try settings.url.hasPrefix("unix://") ? bindUnix(kernel) : bindTCP(kernel)
            do throws(SystemError) {
                // FastCGI programs wait in accept(2).
                try kernel.setNonBlocking(socket, false)
                if let backlog = settings.backlog { try kernel.setBacklog(socket, backlog) }
                return socket
            } catch {
                kernel.close(socket)
                throw error
            }
        } catch {
            throw Problem(url: settings.url, reason: Self.words(for: error))
        }
    }

    private func bindUnix<K: SystemCalls>(_ kernel: K) throws(SystemError) -> Descriptor {
        let path = String(settings.url.dropFirst("unix://".count))
        // Whatever lies there makes room (supervisord 4.3); the kernel replaces sockets itself.
        if let kind = try? kernel.status(of: path, followLinks: false).kind, kind != .socket { try kernel.unlink(path) }
        let owner = SocketOwner(settings.owner, kernel)
        return try kernel.listenUnix(path, mode: settings.mode ?? 0o700, user: owner.user, group: owner.group)
    }

    private func bindTCP<K: SystemCalls>(_ kernel: K) throws(SystemError) -> Descriptor {
        let address = settings.url.dropFirst("tcp://".count)
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            throw SystemError("bind", .invalid, path: settings.url)
        }
        return try kernel.listenTCP(host: String(address[..<colon]), port: port)
    }

    /// As Python shows such errors.
    private static func words(for error: SystemError) -> String {
        var text = "[Errno \(error.number.rawValue)] \(error.number.message)"
        if ["chown", "chmod", "unlink"].contains(error.call), let path = error.path {
            text += ": \(PythonText.repr(path))"
        }
        switch error.call {
        case "getaddrinfo": return "[Errno -2] Name or service not known"
        case "chown": return "Could not change ownership of socket file: \(text)"
        case "chmod": return "Could not change permissions of socket file: \(text)"
        case "bind" where error.number == .nameTooLong: return "AF_UNIX path too long"
        default: return text
        }
    }
}

/// `user[:group]` in numbers; what is not said stays as it is. Looking up may block.
private struct SocketOwner {
    var user: UInt32?
    var group: UInt32?

    init<K: SystemCalls>(_ text: String?, _ kernel: K) {
        guard let text else { return }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let name = parts.first { user = UInt32(name) ?? (try? kernel.user(named: name))?.id }
        if parts.count == 2 { group = UInt32(parts[1]) ?? (try? kernel.group(named: parts[1]))?.id }
    }
}
