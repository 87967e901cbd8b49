import ServiceModel
import SourceText

/// The sockets of one unit while it is being read (systemd.socket(5)).
struct SocketKeys {
    /// The unit's name, by which systemd calls its sockets where it gives them none; `nil` for the service's own.
    let unitName: String?
    private(set) var sockets: [HeldSocket] = []
    private(set) var span: SourceSpan?

    init(unitName: String?) {
        self.unitName = unitName
    }

    /// The sockets by the names under which the service gets them.
    var named: [HeldSocket] {
        sockets.map { socket in
            var copy = socket
            copy.name = socket.name ?? unitName
            return copy
        }
    }

    fileprivate mutating func hold(_ socket: HeldSocket, at place: SourceSpan) -> [ServiceField] {
        sockets.append(socket)
        span = span ?? place
        return [.sockets]
    }

    fileprivate mutating func change(_ body: (inout HeldSocket) -> Void) -> [ServiceField] {
        for index in sockets.indices { body(&sockets[index]) }
        return [.sockets]
    }

    /// Changes the sockets in the file system; `nil` where there are none.
    fileprivate mutating func changeFiles(_ body: (inout HeldSocket) -> Void) -> [ServiceField]? {
        func isFile(_ socket: HeldSocket) -> Bool { if case .path = socket.address { true } else { false } }
        guard sockets.contains(where: isFile) else { return nil }
        return change { socket in if isFile(socket) { body(&socket) } }
    }

    fileprivate var holdsIPv6: Bool {
        sockets.contains { if case .port(_, nil, .any) = $0.address { true } else { false } }
    }
}

extension SystemdReading {
    /// A listener, or a key that says something of the listeners; `nil` for a key that the model has no field for.
    mutating func takeSocketKey(_ assignment: Assignment, _ sockets: inout SocketKeys) -> [ServiceField]? {
        if let kind = ListenAddress.keys.first(where: { $0.key == assignment.key })?.kind {
            guard let (text, reservation) = resolved(assignment), reservation == nil,
                let address = ListenAddress.address(text)
            else { return nil }
            return sockets.hold(HeldSocket(kind: kind, address: address), at: assignment.keySpan)
        }
        guard !sockets.sockets.isEmpty else { return nil }
        switch assignment.key {
        case "FileDescriptorName":
            guard case (let name, nil)? = resolved(assignment) else { return nil }
            return sockets.change { $0.name = name }
        case "SocketMode":
            guard let mode = UnitValue.mode(assignment.value) else { return nil }
            return sockets.changeFiles { $0.mode = mode }
        case "SocketUser":
            guard case (let owner, nil)? = resolved(assignment) else { return nil }
            return sockets.changeFiles { $0.owner = owner }
        case "SocketGroup":
            guard case (let group, nil)? = resolved(assignment) else { return nil }
            return sockets.changeFiles { $0.group = group }
        case "BindIPv6Only":
            guard assignment.value == "ipv6-only", sockets.holdsIPv6 else { return nil }
            return sockets.change { socket in
                if case .port(let port, nil, .any) = socket.address {
                    socket.address = .port(port, host: nil, family: .ipv6)
                }
            }
        case "Accept":
            guard let accepts = UnitValue.boolean(assignment.value) else { return nil }
            service.socketHandover = Setting(accepts ? .connection : .listener, at: assignment.keySpan)
            return [.socketHandover]
        default: return nil
        }
    }
}
