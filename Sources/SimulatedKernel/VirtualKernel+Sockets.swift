package import Kernel

extension VirtualKernel {
    package var socketPathLimit: Int { 107 }

    package func listenUnix(
        _ path: String, mode: UInt32, user: UInt32?, group: UInt32?
    ) throws(SystemError) -> Descriptor {
        try call("bind", path) { state throws(SystemError) in
            if path.utf8.count > 107 { throw SystemError("bind", .nameTooLong, path: path) }
            do throws(ErrorNumber) {
                if let old = try? state.files.inode(path, followLast: false) {
                    if state.files.inodes[old]?.kind != .socket { throw .exists }
                    try state.files.remove(path, directory: false)
                }
                var file = VirtualFile(.socket, mode: mode)
                file.user = user ?? state.identity.user
                file.group = group ?? state.identity.group
                _ = try state.files.create(path, file)
            } catch {
                throw SystemError("bind", error, path: path)
            }
            state.listeners[path] = []
            return state.open(VirtualDescriptor(.listener(path), path: path))
        }
    }

    package func listenTCP(host: String?, port: UInt16) throws(SystemError) -> Descriptor {
        let address = "\(host ?? "*"):\(port == 0 ? 40_000 : port)"
        return try call("bind", address) { state throws(SystemError) in
            if state.listeners[address] != nil { throw SystemError("bind", .addressInUse, path: address) }
            state.listeners[address] = []
            return state.open(VirtualDescriptor(.listener(address), path: address))
        }
    }

    package func setBacklog(_ listener: Descriptor, _ connections: Int) throws(SystemError) {
        try call("listen", pathOf(listener)) { _ in }
    }

    package func localPort(_ descriptor: Descriptor) throws(SystemError) -> UInt16 {
        try call("getsockname", pathOf(descriptor)) { state throws(SystemError) in
            guard case .listener(let address)? = state.descriptors[descriptor.number]?.kind,
                let port = address.split(separator: ":").last.flatMap({ UInt16($0) })
            else { throw SystemError("getsockname", .invalid) }
            return port
        }
    }

    package func connectUnix(_ path: String) throws(SystemError) -> Descriptor {
        try call("connect", path) { state throws(SystemError) in
            if (try? state.files.inode(path)) == nil { throw SystemError("connect", .noEntry, path: path) }
            return try Self.connect(path, &state)
        }
    }

    package func connectTCP(host: String, port: UInt16) throws(SystemError) -> Descriptor {
        let address = "\(host):\(port)"
        return try call("connect", address) { state throws(SystemError) in try Self.connect(address, &state) }
    }

    private static func connect(_ address: String, _ state: inout VirtualState) throws(SystemError) -> Descriptor {
        guard state.listeners[address] != nil else { throw SystemError("connect", .connectionRefused, path: address) }
        let there = state.makePipe()
        let back = state.makePipe()
        let served = state.open(VirtualDescriptor(.stream(incoming: there, outgoing: back), path: address))
        state.listeners[address]?.append(served.number)
        let connection = state.open(VirtualDescriptor(.stream(incoming: back, outgoing: there), path: address))
        if state.answering.contains(address) {
            _ = try write(Array("HTTP/1.1 200 OK\r\n\r\n".utf8), toPipe: back, &state)
        }
        return connection
    }

    package func accept(_ listener: Descriptor) throws(SystemError) -> Descriptor {
        try call("accept", pathOf(listener)) { state throws(SystemError) in
            guard case .listener(let address)? = state.descriptors[listener.number]?.kind else {
                throw SystemError("accept", .invalid)
            }
            guard let first = state.listeners[address]?.first else { throw SystemError("accept", .again) }
            state.listeners[address]?.removeFirst()
            return Descriptor(number: first)
        }
    }

    package func peerCredentials(_ descriptor: Descriptor) throws(SystemError) -> PeerCredentials {
        try call("getsockopt", pathOf(descriptor)) { state in
            PeerCredentials(pid: 100, user: state.identity.user, group: state.identity.group)
        }
    }

    package func setTimeouts(_ descriptor: Descriptor, milliseconds: Int64?) throws(SystemError) {
        try call("setsockopt", pathOf(descriptor)) { _ in }
    }

    package func sendDatagram(_ bytes: [UInt8], to path: String) throws(SystemError) {
        try call("sendto", path) { $0.datagrams[path, default: []].append(bytes) }
    }

    package func sendDatagram(
        _ bytes: [UInt8], to path: String, passing descriptors: [Descriptor]
    ) throws(SystemError) {
        try call("sendmsg", path) { state in
            state.datagrams[path, default: []].append(bytes)
            state.store(String(decoding: bytes, as: UTF8.self), descriptors)
        }
    }

    package func openDatagrams() throws(SystemError) -> (socket: Descriptor, name: String) {
        throw SystemError("socket", .notSupported)
    }

    package func receiveDatagram(_ socket: Descriptor) throws(SystemError) -> Datagram {
        throw SystemError("recvmsg", .notSupported)
    }

    /// The datagrams that were sent to an address.
    package func datagrams(to path: String) -> [String] {
        locked { ($0.datagrams[path] ?? []).map { String(decoding: $0, as: UTF8.self) } }
    }
}
