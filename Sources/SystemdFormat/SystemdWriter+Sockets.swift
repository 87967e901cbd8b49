import ServiceModel
import SourceText

/// The `.socket` unit (systemd.socket(5)).
extension UnitDraft {
    /// Whether each connection gets a process of its own, for which systemd wants a template.
    var servesConnections: Bool {
        // An instance cannot be a template as well.
        guard !service.name.value.contains("@") else { return false }
        let isAlone =
            service.calendar == nil && service.interval == nil && service.watchedPaths == nil
            && service.queueDirectories == nil
        if isAlone, service.socketHandover?.value == .connection, !listeners.isEmpty { return true }
        return service.foreign.contains { setting in
            isOfSocket(setting) && setting.path.last == "Accept" && setting.value.flatMap(UnitValue.boolean) == true
        }
    }

    /// Whether systemd has a socket to give to the service.
    var holdsSocket: Bool {
        !listeners.isEmpty || service.foreign.contains(where: isOfSocket)
    }

    private func isOfSocket(_ setting: ForeignSetting) -> Bool {
        setting.dialect == .systemd && setting.path.count == 3 && StarterName(setting.path[0])?.kind == .socket
    }

    private var listeners: [(socket: HeldSocket, text: String, loss: String?)] {
        (service.sockets?.value ?? []).compactMap { socket in
            ListenAddress.text(of: socket).map { (socket, $0.text, $0.loss) }
        }
    }

    mutating func writeSocket(isDisabled: Bool) {
        writeHandover()
        guard let sockets = service.sockets?.value else { return }
        let listeners = listeners
        let remedy = "write the port as a number and the host as an address"
        guard !listeners.isEmpty else {
            return log.dropped(
                .sockets, "socket",
                why: "systemd listens on absolute paths, numbers of ports and numeric addresses only", remedy: remedy)
        }
        var losses = listeners.compactMap(\.loss)
        if service.dialect == .launchd, service.standardInput?.value != .socket {
            losses.append("the program gets it by LISTEN_FDS, not by launch_activate_socket()")
        }
        if listeners.count < sockets.count { losses.append("systemd cannot listen on every one; \(remedy)") }
        for (name, sockets) in socketUnits(listeners.map(\.socket)) {
            var unit = UnitLines()
            for text in self.unit.values("Unit", "Description") { unit.put("Unit", "Description", text) }
            for (key, kind) in ListenAddress.keys {
                for socket in sockets where socket.kind == kind {
                    if let text = ListenAddress.text(of: socket)?.text { unit.put("Socket", key, text) }
                }
            }
            writeFamily(of: sockets, into: &unit, &losses)
            writeName(of: sockets, unless: name.own, into: &unit, &losses)
            writePermissions(of: sockets, into: &unit, &losses)
            if servesConnections {
                unit.put("Socket", "Accept", "yes")
            } else if service.socketHandover?.value == .listener, keepsSilence {
                unit.put("Socket", "Accept", "no")
            }
            if name.own != nil { unit.put("Socket", "Service", serviceName) }
            if !isDisabled { unit.put("Install", "WantedBy", UnitKind.socket.installTarget) }
            starters[name] = unit
        }
        let target = "ListenStream"
        if losses.isEmpty {
            log.exact(.sockets, "socket", target)
        } else {
            log.approximated(.sockets, "socket", target, why: losses.joined(separator: "; "))
        }
    }

    /// The sockets by the units that hold them: systemd has one name for all sockets of a unit, so those of each name have
    /// a unit of their own, which says `Service=`. What starts for each connection cannot say it (systemd.socket(5)).
    private func socketUnits(_ sockets: [HeldSocket]) -> [(name: StarterName, sockets: [HeldSocket])] {
        let names = Set(sockets.map(\.name))
        guard names.count > 1, !servesConnections else { return [(StarterName(.socket), sockets)] }
        let usual = names.contains(nil) ? nil : HeldSocket.usualName
        let units = Dictionary(grouping: sockets) { socket in
            StarterName(.socket, own: socket.name == usual ? nil : socket.name.flatMap(unitName(ofSockets:)))
        }
        return units.map { ($0.key, $0.value) }.sorted { StarterName.precedes($0.name, $1.name) }
    }

    /// `admin` is in `web-admin.socket`; a name that is a unit's own stays. `nil` for one too long for a unit.
    private func unitName(ofSockets name: String) -> String? {
        let isOwn =
            UnitName.split(name).map { stem, kind in
                kind == .socket && UnitName.escape(UnitName.unescape(stem)) == stem
            } ?? false
        let file = isOwn ? name : "\(baseName)-\(UnitName.escape(name)).socket"
        return file == baseName + ".socket" || file.utf8.count > UnitName.longest ? nil : file
    }

    private mutating func writeHandover() {
        switch service.socketHandover?.value {
        case nil: break
        case .connection? where !servesConnections:
            log.dropped(
                .socketHandover, "accept", why: "only a socket unit alone can start a process for each connection",
                remedy: "start the program by its sockets, and by nothing else")
        case .connection?: log.exact(.socketHandover, "accept", "Accept=yes")
        case .listener?: log.exact(.socketHandover, "accept", keepsSilence ? "Accept=no" : nil)
        }
    }

    private func writeFamily(of sockets: [HeldSocket], into unit: inout UnitLines, _ losses: inout [String]) {
        func holds(_ family: HeldSocket.Family) -> Bool {
            sockets.contains { if case .port(_, nil, family) = $0.address { true } else { false } }
        }
        guard holds(.ipv6) else { return }
        guard !holds(.any) else {
            return losses.append("systemd has one BindIPv6Only for all sockets of a unit; IPv4 is let in too")
        }
        unit.put("Socket", "BindIPv6Only", "ipv6-only")
    }

    private func writeName(
        of sockets: [HeldSocket], unless own: String?, into unit: inout UnitLines, _ losses: inout [String]
    ) {
        let names = Set(sockets.map(\.name))
        guard names.count == 1, let name = names.first ?? nil else {
            if names.count > 1 { losses.append("systemd has one name for all sockets of a unit") }
            return
        }
        let isSayable = name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != ":" }
        guard isSayable, !name.isEmpty else {
            return losses.append("the name '\(name.prefix(40))' is none for systemd")
        }
        // By its unit's name a socket is known without a word.
        if name == own { return }
        // The name that launchd jobs use where it does not matter.
        if name == HeldSocket.usualName, service.standardInput?.value == .socket { return }
        unit.put("Socket", "FileDescriptorName", UnitWords.escapeSpecifiers(name))
    }

    private func writePermissions(of sockets: [HeldSocket], into unit: inout UnitLines, _ losses: inout [String]) {
        let files = sockets.filter { if case .path = $0.address { true } else { false } }
        guard !files.isEmpty else { return }
        let modes = files.map { $0.mode ?? HeldSocket.defaultMode(in: service.dialect) }
        if Set(modes).count > 1 {
            losses.append("systemd has one mode for all sockets of a unit; what one of them forbids, all do")
        }
        if service.dialect != .systemd || files.contains(where: { $0.mode != nil }) {
            unit.put("Socket", "SocketMode", "0" + Digits.octal(UInt64(modes.reduce(0o7777, &)), width: 3))
        }
        for (key, values) in [("SocketUser", files.map(\.owner)), ("SocketGroup", files.map(\.group))] {
            if Set(values).count > 1 { losses.append("systemd has one owner for all sockets of a unit") }
            guard let value = values.first ?? nil, Set(values).count == 1 else { continue }
            unit.put("Socket", key, UnitWords.escapeSpecifiers(value))
        }
    }
}
