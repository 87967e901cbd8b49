package import Engine
package import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceModel
package import SourceText
import Synchronization

/// The daemon's ears: one thread with an event loop that answers on every socket. Nothing a client does can hold up
/// supervision or another client: requests are bounded in size and time, what needs the engine is asked and answered
/// later, what can block the disk is done by workers.
package final class HTTPControlPort: ControlPort {
    private let kernel: any SystemCalls
    private let limits: ControlLimits
    private let version: String
    private let tellsWhoAsks: Bool
    private let running = Mutex<Running?>(nil)

    /// Everything that exists between `start` and `stop`.
    private struct Running: Sendable {
        var group: MultiThreadedEventLoopGroup
        var service: ControlService
        var connections: NIOLoopBoundBox<ConnectionRegistry>
        var sockets: [(channel: any Channel, original: BoundListener)] = []
    }

    /// `version` is svinstall's own, told to clients that ask for it. `tellsWhoAsks`: the log is told who asks for
    /// changes, as the original's is not.
    package init(
        kernel: any SystemCalls, limits: ControlLimits = ControlLimits(), version: String, tellsWhoAsks: Bool = false
    ) {
        self.kernel = kernel
        self.limits = limits
        self.version = version
        self.tellsWhoAsks = tellsWhoAsks
    }

    /// Throws when a descriptor is no listening socket; then none is served and all are closed.
    package func start(_ listeners: [BoundListener], engine: any EngineControl) throws {
        do throws(SystemError) {
            // An event loop that gets none ends the process (NIO 2): its poller, its alarm, its timer; a copy of each
            // listener; somebody who comes.
            try kernel.requireDescriptors(listeners.count + 4)
        } catch {
            for listener in listeners { kernel.close(listener.descriptor) }
            throw error
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let wayBack = WayBack()
        let service = ControlService(
            engine: engine, kernel: kernel, limits: limits, workers: BlockingWorkers(wayBack), wayBack: wayBack,
            version: version)
        let registry = ConnectionRegistry(on: group.next(), atRest: { [kernel] in kernel.giveBackMemory() })
        var running = Running(
            group: group, service: service,
            connections: NIOLoopBoundBox.makeBoxSendingValue(registry, eventLoop: group.next()))
        // All are begun before the first is waited for: each wait is a way to the loop's thread and back.
        let begun = listeners.map { listener in (listener, Result { try begin(listener, running) }) }
        var failure: (any Error)?
        for (listener, channel) in begun {
            do {
                running.sockets.append((try channel.get().wait(), listener))
            } catch {
                failure = failure ?? error
                kernel.close(listener.descriptor)
            }
        }
        if let failure {
            closeDoors(running)
            end(running, grace: .zero)
            throw failure
        }
        self.running.withLock { [running] in $0 = running }
    }

    /// A descriptor that cannot be served is closed; without a daemon that answers, all are.
    package func add(_ listeners: [BoundListener]) {
        for listener in listeners {
            let now = running.withLock { $0 }
            guard let now, let channel = try? begin(listener, now).wait() else {
                kernel.close(listener.descriptor)
                continue
            }
            running.withLock { $0?.sockets.append((channel, listener)) }
        }
    }

    package var listeners: [BoundListener] { running.withLock { $0?.sockets.map(\.original) ?? [] } }

    package func stop(grace: TimeSpan) {
        guard let running = takeRunning() else { return }
        closeDoors(running)
        end(running, grace: grace)
    }

    package func part(grace: TimeSpan) -> [WaitingClient] {
        guard let running = takeRunning() else { return [] }
        // First nobody comes any more: who has come by then is answered or handed over.
        closeDoors(running)
        let connections = running.connections
        let clients = try? connections.eventLoop.submit { connections.value.giveUp() }.wait()
        end(running, grace: grace)
        return clients ?? []
    }

    private func takeRunning() -> Running? {
        running.withLock { value in
            defer { value = nil }
            return value
        }
    }

    package func answer(_ client: WaitingClient, _ answer: ControlAnswer) {
        let bytes = WaitingCall.answer(client.manner, answer, now: kernel.now().epochSeconds)
        defer { kernel.close(client.descriptor) }
        guard (try? kernel.setNonBlocking(client.descriptor, false)) != nil else { return }
        try? kernel.setTimeouts(client.descriptor, milliseconds: limits.writeTimeout.finiteMilliseconds)
        try? kernel.writeAll(client.descriptor, bytes)
    }

    /// Begins to serve a listener. The event loop gets a duplicate, which it closes itself.
    private func begin(
        _ listener: BoundListener, _ running: Running
    ) throws -> EventLoopFuture<any Channel> {
        let service = running.service
        let connections = running.connections
        let door = ListenerDoor(listener.settings, trusted: [0, kernel.userID], tellsWhoAsks: tellsWhoAsks)
        let copy = try kernel.duplicate(listener.descriptor, atLeast: 3)
        return ServerBootstrap(group: running.group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try service.attend(channel, door, connections.value)
                }
            }
            .withBoundSocket(copy.number)
    }

    private func closeDoors(_ running: Running) {
        for socket in running.sockets {
            try? socket.channel.close().wait()
            kernel.close(socket.original.descriptor)
        }
    }

    private func end(_ running: Running, grace: TimeSpan) {
        let connections = running.connections
        let loop = connections.eventLoop
        let allClosed = loop.makePromise(of: Void.self)
        loop.execute { connections.value.close(grace: grace, on: loop, allClosed) }
        try? allClosed.futureResult.wait()
        running.service.wayBack.close()
        running.service.workers.stop()
        try? running.group.syncShutdownGracefully()
    }
}

/// What the connections of one listener share.
struct ListenerDoor: Sendable {
    var rules: AccessRules
    var isPrivate: Bool
    /// Whether the log is told who asks for changes.
    var tellsWhoAsks: Bool
    /// Whether it is to be known whose process a client is.
    var wantsPeer: Bool
    /// Where web pages send a browser that did not say by which name it came.
    var address: String
    /// Tells the listeners' connections apart in the registry.
    var id: ListenerSettings.Address

    init(_ settings: ListenerSettings, trusted: Set<UInt32>, tellsWhoAsks: Bool) {
        rules = AccessRules(settings, trusted: trusted)
        self.tellsWhoAsks = tellsWhoAsks
        wantsPeer = settings.address.isFile && (tellsWhoAsks || !settings.access.isEmpty)
        isPrivate = settings.isPrivate
        id = settings.address
        address =
            switch settings.address {
            case .unix: "localhost"
            case .tcp(let host, let port): "\(host.isEmpty ? "localhost" : host):\(port)"
            }
    }
}

extension ListenerSettings.Address {
    fileprivate var isFile: Bool {
        if case .unix = self { true } else { false }
    }
}

extension ControlLimits {
    var decoder: NIOHTTPDecoderLimitConfiguration {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = headerBytes
        configuration.maxHeaderListSize = headerBytes
        configuration.maxHeaderFieldCount = 128
        return configuration
    }
}
