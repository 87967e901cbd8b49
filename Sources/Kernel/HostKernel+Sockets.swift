import CPlatform
import SourceText

extension HostKernel {
    package var socketPathLimit: Int { svi_unix_path_limit() }

    package func listenUnix(
        _ path: String, mode: UInt32, user: UInt32?, group: UInt32?
    ) throws(SystemError) -> Descriptor {
        if path.utf8.contains(0) { throw SystemError("bind", .invalid, path: path) }
        if path.utf8.count > socketPathLimit { throw SystemError("bind", .nameTooLong, path: path) }
        do throws(SystemError) {
            let kind = try status(of: path, followLinks: false).kind
            if kind != .socket { throw SystemError("bind", .exists, path: path) }
        } catch  where error.number == .noEntry {}

        let temporary = try temporarySocketPath(for: path)
        // Errors name the path the caller knows.
        let descriptor = Descriptor(number: try retrying("bind", path) { temporary.withCString { svi_unix_bind($0) } })
        do throws(SystemError) {
            if user != nil || group != nil { try setOwner(temporary, user: user, group: group) }
            try setMode(temporary, mode)
            _ = try retrying("listen", path) { svi_listen(descriptor.number) }
            try rename(temporary, to: path)
            return descriptor
        } catch {
            close(descriptor)
            do throws(SystemError) { try unlink(temporary) } catch {}
            throw SystemError(error.call, error.number, path: path)
        }
    }

    /// A free name in the same directory that is no longer than `path` itself, so that it fits where `path` fits.
    private func temporarySocketPath(for path: String) throws(SystemError) -> String {
        let directory = parentDirectory(of: path)
        let prefix = directory.isEmpty ? "" : directory == "/" ? "/" : directory + "/"
        let room = path.utf8.count - prefix.utf8.count
        let process = UInt64(UInt32(bitPattern: processID))
        for attempt in 0..<64 as Range<UInt64> {
            let name = "." + Digits.text(process, radix: 36) + Digits.text(attempt, radix: 36)
            let candidate =
                prefix + (prefix.utf8.count + name.utf8.count <= socketPathLimit ? name : String(name.suffix(room)))
            do throws(SystemError) {
                _ = try status(of: candidate, followLinks: false)
            } catch  where error.number == .noEntry {
                return candidate
            }
        }
        throw SystemError("bind", .exists, path: path)
    }

    package func listenTCP(host: String?, port: UInt16) throws(SystemError) -> Descriptor {
        try openTCP(host: host, port: port, listening: true)
    }

    package func connectTCP(host: String, port: UInt16) throws(SystemError) -> Descriptor {
        try openTCP(host: host, port: port, listening: false)
    }

    private func openTCP(host: String?, port: UInt16, listening: Bool) throws(SystemError) -> Descriptor {
        let address = "\(host ?? "*"):\(port)"
        if let host, host.utf8.contains(0) { throw SystemError("getaddrinfo", .invalid, path: address) }
        var resolver: Int32 = 0
        let number =
            if let host {
                svi_tcp(host, "\(port)", listening ? 1 : 0, &resolver)
            } else {
                svi_tcp(nil, "\(port)", listening ? 1 : 0, &resolver)
            }
        if number >= 0 { return Descriptor(number: number) }
        let reason = ErrorNumber.current
        throw SystemError(resolver != 0 ? "getaddrinfo" : listening ? "bind" : "connect", reason, path: address)
    }

    package func setBacklog(_ listener: Descriptor, _ connections: Int) throws(SystemError) {
        _ = try retrying("listen") { listen(listener.number, Int32(clamping: connections)) }
    }

    package func localPort(_ descriptor: Descriptor) throws(SystemError) -> UInt16 {
        UInt16(truncatingIfNeeded: try retrying("getsockname") { svi_local_port(descriptor.number) })
    }

    package func connectUnix(_ path: String) throws(SystemError) -> Descriptor {
        Descriptor(number: try retrying("connect", on: path) { svi_unix_connect($0) })
    }

    package func accept(_ listener: Descriptor) throws(SystemError) -> Descriptor {
        Descriptor(number: try retrying("accept") { svi_accept(listener.number) })
    }

    package func peerCredentials(_ descriptor: Descriptor) throws(SystemError) -> PeerCredentials {
        var peer = svi_peer()
        _ = try retrying("getsockopt") { svi_peer_of(descriptor.number, &peer) }
        return PeerCredentials(pid: peer.pid > 0 ? peer.pid : nil, user: peer.user, group: peer.group)
    }

    package func setTimeouts(_ descriptor: Descriptor, milliseconds: Int64?) throws(SystemError) {
        // To the kernel 0 is "no limit"; a caller who has no time left gets the shortest there is.
        let value = milliseconds.map { max($0, 1) } ?? 0
        _ = try retrying("setsockopt") { svi_set_timeouts(descriptor.number, value) }
    }

    package func sendDatagram(_ bytes: [UInt8], to path: String) throws(SystemError) {
        _ = try retrying("sendto", on: path) { svi_send_datagram(bytes, bytes.count, $0) }
    }

    package func sendDatagram(
        _ bytes: [UInt8], to path: String, passing descriptors: [Descriptor]
    ) throws(SystemError) {
        let numbers = descriptors.map(\.number)
        _ = try retrying("sendmsg", on: path) {
            svi_send_descriptors(bytes, bytes.count, $0, numbers, Int32(numbers.count), 1000)
        }
    }

    package func openDatagrams() throws(SystemError) -> (socket: Descriptor, name: String) {
        var name = [CChar](repeating: 0, count: 128)
        let number = try retrying("socket") { svi_named_datagrams(&name, name.count) }
        return (
            Descriptor(number: number),
            String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        )
    }

    package func receiveDatagram(_ socket: Descriptor) throws(SystemError) -> Datagram {
        var bytes = [UInt8](repeating: 0, count: 8192)
        var message = svi_datagram()
        _ = try retrying("recvmsg") { svi_receive_datagram(socket.number, &bytes, bytes.count, &message) }
        let descriptors = withUnsafeBytes(of: message.descriptors) { numbers in
            numbers.bindMemory(to: Int32.self).prefix(Int(message.descriptor_count)).map { Descriptor(number: $0) }
        }
        return Datagram(bytes: Array(bytes[..<message.count]), descriptors: descriptors, sender: message.sender)
    }
}
