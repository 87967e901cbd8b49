import PropertyList
import ServiceModel
import SourceText

/// `Sockets` and `inetdCompatibility` (launchd.plist(5)).
extension LaunchdJob {
    mutating func writeSockets() {
        let isInput = service.standardInput?.value == .socket
        let isHanded = service.socketHandover?.value == .connection
        guard let sockets = service.sockets?.value, !sockets.isEmpty else {
            if service.socketHandover != nil { loseHandover("without sockets there is nothing to hand over") }
            return
        }
        var losses: [String] = []
        var names: [String] = []
        var dictionaries: [String: [PropertyValue]] = [:]
        for socket in sockets {
            let name = socket.name ?? HeldSocket.usualName
            if dictionaries[name] == nil { names.append(name) }
            dictionaries[name, default: []].append(dictionary(of: socket, &losses))
        }
        for name in names {
            let own = dictionaries[name] ?? []
            put("Sockets", name, value: own.count == 1 ? own[0] : .array(own))
        }
        if isInput {
            put("inetdCompatibility", value: ["Wait": .boolean(!isHanded)])
            if service.socketHandover != nil {
                log.exact(.socketHandover, "accept", "inetdCompatibility.Wait=\(!isHanded)")
            }
        } else {
            if isHanded {
                loseHandover("launchd hands over a connection on the standard streams only")
            } else if service.socketHandover != nil {
                log.exact(.socketHandover, "accept", nil)
            }
            if service.dialect != .launchd {
                losses.append("the program gets it by launch_activate_socket(), not by LISTEN_FDS")
            }
        }
        if losses.isEmpty {
            log.exact(.sockets, "socket", "Sockets")
        } else {
            log.approximated(.sockets, "socket", "Sockets", why: losses.joined(separator: "; "))
        }
    }

    private mutating func loseHandover(_ why: String) {
        log.dropped(
            .socketHandover, "accept", why: why, remedy: "let the program serve a connection on its standard input")
    }

    private func dictionary(of socket: HeldSocket, _ losses: inout [String]) -> PropertyValue {
        var members = PropertyDictionary()
        switch socket.kind {
        case .stream: break
        case .datagram: members["SockType"] = "dgram"
        case .sequential: members["SockType"] = "seqpacket"
        }
        switch socket.address {
        case .path(let path):
            members["SockPathName"] = .string(path)
            // launchd binds it for its owner alone.
            let mode = socket.mode ?? (service.dialect == .launchd ? nil : HeldSocket.defaultMode(in: service.dialect))
            if let mode { members["SockPathMode"] = .integer(Int(mode)) }
            for (key, value) in [("SockPathOwner", socket.owner), ("SockPathGroup", socket.group)] {
                guard let value else { continue }
                if let number = UInt32(value) {
                    members[key] = .integer(Int(number))
                } else {
                    losses.append("\(key) is a number, not the name '\(value.prefix(40))'")
                }
            }
        case .port(let port, let host, let family):
            switch family {
            case .any: break
            case .ipv4: members["SockFamily"] = "IPv4"
            case .ipv6: members["SockFamily"] = "IPv6"
            }
            if let host { members["SockNodeName"] = .string(host) }
            members["SockServiceName"] = .string(port)
        }
        return .dictionary(members)
    }
}
