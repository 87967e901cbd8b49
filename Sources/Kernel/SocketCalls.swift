/// Listeners and connections. Name resolution and connecting block.
package protocol SocketCalls: Sendable {
    /// A listening unix socket, non-blocking and close-on-exec. The socket is bound under a temporary name beside
    /// `path` and gets its mode and owner there, so that nobody can connect before both are right; then it takes
    /// `path`'s place. An existing socket file is replaced: ask first whether somebody answers there (`connectUnix`).
    /// `ErrorNumber.nameTooLong` over `socketPathLimit` bytes; `ErrorNumber.exists` when `path` is not a socket.
    func listenUnix(_ path: String, mode: UInt32, user: UInt32?, group: UInt32?) throws(SystemError) -> Descriptor

    /// A listening TCP socket, non-blocking and close-on-exec. `host` is a name or a numeric address; `nil` is every
    /// IPv4 address of the machine (supervisord's `*`). Port 0 takes a free one: ask `localPort`.
    func listenTCP(host: String?, port: UInt16) throws(SystemError) -> Descriptor

    /// How many connections may wait on a listening socket to be accepted; the system's most to begin with.
    func setBacklog(_ listener: Descriptor, _ connections: Int) throws(SystemError)

    /// The port a socket is bound to.
    func localPort(_ descriptor: Descriptor) throws(SystemError) -> UInt16

    /// A connected, blocking socket. `ErrorNumber.connectionRefused` when the file is there and nobody listens.
    func connectUnix(_ path: String) throws(SystemError) -> Descriptor

    /// A connected, blocking socket; every address of `host` is tried in turn.
    func connectTCP(host: String, port: UInt16) throws(SystemError) -> Descriptor

    /// The next connection, non-blocking and close-on-exec.
    func accept(_ listener: Descriptor) throws(SystemError) -> Descriptor

    /// Who is at the other end of a connected unix socket.
    func peerCredentials(_ descriptor: Descriptor) throws(SystemError) -> PeerCredentials

    /// Time limits of blocking reads and writes; afterwards they fail with `ErrorNumber.again`. `nil` is no limit.
    func setTimeouts(_ descriptor: Descriptor, milliseconds: Int64?) throws(SystemError)

    /// The longest path a unix socket can have here, in bytes: 107 on Linux, 103 on macOS.
    var socketPathLimit: Int { get }

    /// Sends a datagram to a unix socket; a path that begins with `@` is in Linux' abstract name space.
    func sendDatagram(_ bytes: [UInt8], to path: String) throws(SystemError)

    /// The same with open descriptors, 16 at most or none, of which the receiver gets copies. Waits a second at most for a
    /// receiver that does not keep up and then fails with `ErrorNumber.again`.
    func sendDatagram(_ bytes: [UInt8], to path: String, passing descriptors: [Descriptor]) throws(SystemError)

    /// A datagram socket under a name that the kernel has chosen in Linux' abstract name space, where no file can be
    /// removed and no rights are missing; and that name, `@` first. Linux.
    func openDatagrams() throws(SystemError) -> (socket: Descriptor, name: String)

    /// The next message that waits there; `ErrorNumber.again` when none does.
    func receiveDatagram(_ socket: Descriptor) throws(SystemError) -> Datagram
}

/// A message with descriptors, which are the receiver's now.
package struct Datagram: Hashable, Sendable {
    package var bytes: [UInt8]
    package var descriptors: [Descriptor]
    /// The process that sent it, as the kernel knows it; 0 when it does not.
    package var sender: Int32

    package init(bytes: [UInt8], descriptors: [Descriptor], sender: Int32) {
        self.bytes = bytes
        self.descriptors = descriptors
        self.sender = sender
    }
}

/// The identity a peer had when it connected.
package struct PeerCredentials: Hashable, Sendable {
    /// `nil` where the system does not tell.
    package var pid: Int32?
    package var user: UInt32
    package var group: UInt32

    package init(pid: Int32?, user: UInt32, group: UInt32) {
        self.pid = pid
        self.user = user
        self.group = group
    }
}
