// ControlServer, floor 5: HTTP, XML-RPC methods, our JSON API, web page: the engine's control port.

package import SourceText

/// How much one client may ask of the control thread. Nothing a client sends is kept beyond these bounds.
package struct ControlLimits: Hashable, Sendable {
    /// Bytes of a request's body.
    package var bodyBytes = 4 << 20
    /// Bytes of a request's first line, and of all its headers together.
    package var headerBytes = 32 << 10
    /// Open connections of one listener; further ones wait in the kernel's queue.
    package var connections = 512
    /// From a connection's first byte, or its previous answer, to a complete request.
    package var requestTimeout = TimeSpan.seconds(30)
    /// How long a connection may stay open between two requests.
    package var idleTimeout = TimeSpan.seconds(300)
    /// How long an answer may wait for a client that does not read it, or reads less than `leastWritten` bytes of it.
    package var writeTimeout = TimeSpan.seconds(60)
    static let leastWritten = 64 << 10
    /// Nested elements of an XML-RPC call.
    package var xmlDepth = 64
    /// Calls in one `system.multicall`.
    package var multicallCalls = 10_000

    package init() {}
}
