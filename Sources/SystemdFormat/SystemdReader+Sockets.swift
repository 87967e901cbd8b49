import ServiceModel
import SourceText

/// Socket units (systemd.socket(5)).
extension SystemdReading {
    /// A listener, or a key that says something of the listeners; `nil` for a key that the model has no field for.
    mutating func takeSocketKey(_ assignment: Assignment) -> [ServiceField]? {
        if let kind = ListenAddress.keys.first(where: { $0.key == assignment.key })?.kind {
            guard let (text, reservation) = resolved(assignment), reservation == nil,
                let address = ListenAddress.address(text)
            else { return nil }
            return hold(HeldSocket(kind: kind, address: address), at: assignment.keySpan)
        }
        guard service.sockets != nil else { return nil }
        switch assignment.key {
        case "FileDescriptorName":
            guard case (let name, nil)? = resolved(assignment) else { return nil }
            return change { $0.name = name }
        case "SocketMode":
            guard let mode = UnitValue.mode(assignment.value) else {
                warnValue(assignment, "an octal mode")
                return nil
            }
            return changeFiles { $0.mode = mode }
        case "SocketUser":
            guard case (let owner, nil)? = resolved(assignment) else { return nil }
            return changeFiles { $0.owner = owner }
        case "SocketGroup":
            guard case (let group, nil)? = resolved(assignment) else { return nil }
            return changeFiles { $0.group = group }
        case "BindIPv6Only":
            guard assignment.value == "ipv6-only", holdsIPv6 else { return nil }
            return change { socket in
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

    private mutating func hold(_ socket: HeldSocket, at span: SourceSpan) -> [ServiceField] {
        var sockets = service.sockets?.value ?? []
        // The model's order is by kind.
        let order = ListenAddress.keys.map(\.kind)
        let rank = order.firstIndex(of: socket.kind) ?? 0
        let place = sockets.firstIndex { order.firstIndex(of: $0.kind) ?? 0 > rank } ?? sockets.count
        sockets.insert(socket, at: place)
        service.sockets = Setting(sockets, at: service.sockets?.span ?? span)
        return [.sockets]
    }

    private mutating func change(_ body: (inout HeldSocket) -> Void) -> [ServiceField] {
        guard let setting = service.sockets else { return [.sockets] }
        var sockets = setting.value
        for index in sockets.indices { body(&sockets[index]) }
        service.sockets = Setting(sockets, at: setting.span)
        return [.sockets]
    }

    /// Changes the sockets in the file system; `nil` where there are none.
    private mutating func changeFiles(_ body: (inout HeldSocket) -> Void) -> [ServiceField]? {
        func isFile(_ socket: HeldSocket) -> Bool { if case .path = socket.address { true } else { false } }
        guard service.sockets?.value.contains(where: isFile) == true else { return nil }
        return change { socket in if isFile(socket) { body(&socket) } }
    }

    private var holdsIPv6: Bool {
        service.sockets?.value.contains { if case .port(_, nil, .any) = $0.address { true } else { false } } ?? false
    }
}
