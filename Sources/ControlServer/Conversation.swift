package import Engine
package import Kernel
package import NIOCore
import NIOHTTP1
package import ServiceModel

extension ControlService {
    /// Puts what answers a client at the end of its channel.
    func attend(_ channel: any Channel, _ door: ListenerDoor, _ registry: ConnectionRegistry) throws {
        let decoder = HTTPRequestDecoder(limitConfiguration: limits.decoder)
        let handler = ConnectionHandler(self, door, registry, channel)
        try channel.pipeline.syncOperations.addHandlers(ByteToMessageHandler(decoder), handler)
    }
}

/// One client's conversation on a channel of the caller's, such as one in memory: the answers are those of a socket. There
/// is no other thread: what can block is done at once.
package enum Conversation {
    /// On the channel's loop.
    package static func begin(
        on channel: any Channel, _ settings: ListenerSettings, engine: any EngineControl, kernel: any SystemCalls,
        limits: ControlLimits = ControlLimits()
    ) throws {
        let wayBack = WayBack()
        let service = ControlService(
            engine: engine, kernel: kernel, limits: limits, workers: BlockingWorkers(wayBack, areInPlace: true),
            wayBack: wayBack, version: "0")
        try service.attend(
            channel, ListenerDoor(settings, trusted: [], tellsWhoAsks: true),
            ConnectionRegistry(on: channel.eventLoop, atRest: {}))
    }
}
