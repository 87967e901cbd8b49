import XMLRPC

/// Words about the configuration: `reread`, `update`, `add`, `remove`.
enum GroupCommands {
    static let all = [
        ControlCommand(
            "reread", help: ["reread \t\t\tReload the daemon's configuration files without add/remove"],
            refusesArguments: true, checksDaemon: false
        ) { session, _ throws(ClientError) in try reread(session) },
        ControlCommand(
            "update",
            help: [
                "update\t\t\tReload config and add/remove as necessary, and will restart affected programs",
                "update all\t\tReload config and add/remove as necessary, and will restart affected programs",
                "update <gname> [...]\tUpdate specific groups",
            ], completes: .groups, checksDaemon: false
        ) { session, words throws(ClientError) in try update(session, words) },
        ControlCommand(
            "add", help: ["add <name> [...]\tActivates any updates in config for process/group"], completes: .groups,
            checksDaemon: false
        ) { session, words throws(ClientError) in
            for word in words { try add(word, session) }
        },
        ControlCommand(
            "remove", help: ["remove <name> [...]\tRemoves process/group from active config"], completes: .groups,
            checksDaemon: false
        ) { session, words throws(ClientError) in
            for word in words { try remove(word, session) }
        },
    ]

    /// Names of groups that differ between the configuration and what runs.
    struct Changes {
        var added: [String]
        var changed: [String]
        var removed: [String]

        /// The answer of `reloadConfig`: three arrays within one.
        init(_ answer: XMLRPCValue) {
            let lists = answer.array?.first?.array ?? []
            func names(_ place: Int) -> [String] {
                lists.indices.contains(place) ? (lists[place].array ?? []).compactMap(\.string) : []
            }
            (added, changed, removed) = (names(0), names(1), names(2))
        }
    }

    private static func reread(_ session: ControlSession) throws(ClientError) {
        let changes: Changes
        do throws(ClientError) {
            changes = Changes(try session.call("reloadConfig"))
        } catch {
            session.exitStatus = ControlStatus.generic
            guard case .fault(let fault) = error else { throw error }
            switch fault.code {
            case FaultCode.shutdownState: return session.output.print("ERROR: supervisor shutting down")
            case FaultCode.cantReread: return session.output.print("ERROR: \(fault.text)")
            default: throw error
            }
        }
        var words: [String: String] = [:]
        for name in changes.added { words[name] = "available" }
        for name in changes.changed { words[name] = "changed" }
        for name in changes.removed { words[name] = "disappeared" }
        if words.isEmpty { session.output.print("No config updates to processes") }
        for name in words.keys.sorted(by: Self.precedes) { session.output.print("\(name): \(words[name] ?? "")") }
    }

    /// By code points, as Python sorts.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
    }

    private static func update(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        let changes: Changes
        do throws(ClientError) {
            changes = Changes(try session.call("reloadConfig"))
        } catch {
            session.exitStatus = ControlStatus.generic
            guard case .fault(let fault) = error, fault.code == FaultCode.shutdownState else { throw error }
            return session.output.print("ERROR: already shutting down")
        }
        let wanted = words.contains("all") ? [] : words
        if !wanted.isEmpty {
            let known = Set(ProcessRow.rows(try session.call("getAllProcessInfo")).map(\.group) + changes.added)
            var told: Set<String> = []
            for name in wanted where !known.contains(name) && told.insert(name).inserted {
                session.output.print("ERROR: no such group: \(name)")
                session.exitStatus = ControlStatus.generic
            }
        }
        func isWanted(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }
        for name in changes.removed where isWanted(name) { try takeOut(name, session) }
        for name in changes.changed where isWanted(name) { try replace(name, session) }
        for name in changes.added where isWanted(name) {
            _ = try session.call("addProcessGroup", .string(name))
            session.output.print("\(name): added process group")
        }
    }

    private static func takeOut(_ name: String, _ session: ControlSession) throws(ClientError) {
        let results = ProcessRow.rows(try session.call("stopProcessGroup", .string(name)))
        session.output.print("\(name): stopped")
        if results.contains(where: { $0.status == FaultCode.failed }) {
            session.output.print("\(name): has problems; not removing")
            session.exitStatus = ControlStatus.generic
            return
        }
        _ = try session.call("removeProcessGroup", .string(name))
        session.output.print("\(name): removed process group")
    }

    /// Stops a changed group and takes it into service with its new definition.
    static func replace(_ name: String, _ session: ControlSession) throws(ClientError) {
        _ = try session.call("stopProcessGroup", .string(name))
        session.output.print("\(name): stopped")
        _ = try session.call("removeProcessGroup", .string(name))
        _ = try session.call("addProcessGroup", .string(name))
        session.output.print("\(name): updated process group")
    }

    private static func add(_ name: String, _ session: ControlSession) throws(ClientError) {
        do throws(ClientError) {
            _ = try session.call("addProcessGroup", .string(name))
            session.output.print("\(name): added process group")
        } catch {
            guard case .fault(let fault) = error else { throw error }
            switch fault.code {
            case FaultCode.alreadyAdded: return session.output.print("ERROR: process group already active")
            case FaultCode.shutdownState: session.output.print("ERROR: shutting down")
            case FaultCode.badName: session.output.print("ERROR: no such process/group: \(name)")
            default: throw error
            }
            session.exitStatus = ControlStatus.generic
        }
    }

    private static func remove(_ name: String, _ session: ControlSession) throws(ClientError) {
        do throws(ClientError) {
            _ = try session.call("removeProcessGroup", .string(name))
            session.output.print("\(name): removed process group")
        } catch {
            session.exitStatus = ControlStatus.generic
            guard case .fault(let fault) = error else { throw error }
            switch fault.code {
            case FaultCode.stillRunning: session.output.print("ERROR: process/group still running: \(name)")
            case FaultCode.badName: session.output.print("ERROR: no such process/group: \(name)")
            default: throw error
            }
        }
    }
}
