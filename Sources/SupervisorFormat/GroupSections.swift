import ServiceModel
import SourceText

extension ConfigurationReading {
    /// All groups, by priority and name. Kinds are read one after the other, as the original does: of several faults it
    /// reports the first.
    mutating func groups() throws(Refusal) -> [ServiceGroup] {
        var groups: [ServiceGroup] = []
        var grouped: Set<String> = []
        for number in configuration.sections(prefix: "group:") {
            groups.append(try heterogeneous(configuration.sections[number], &grouped))
        }
        let programs = configuration.sections(prefix: "program:")
        groups.reserveCapacity(groups.count + programs.count)
        for number in programs where !grouped.contains(configuration.sections[number].name) {
            let section = configuration.sections[number]
            let name = try groupName(section)
            let priority = try priority(section)
            groups.append(
                ServiceGroup(name: name, priority: priority, services: try processes(of: section, group: name)))
        }
        for number in configuration.sections(prefix: "eventlistener:") {
            groups.append(try eventListener(configuration.sections[number]))
        }
        for number in configuration.sections(prefix: "fcgi-program:")
        where !grouped.contains(configuration.sections[number].name) {
            groups.append(try fastCGI(configuration.sections[number]))
        }
        // Stable, as Python's sort.
        let order = groups.indices.sorted { left, right in
            if groups[left].priority != groups[right].priority { return groups[left].priority < groups[right].priority }
            if groups[left].name != groups[right].name {
                return PythonText.precedes(groups[left].name, groups[right].name)
            }
            return left < right
        }
        return order.map { groups[$0] }
    }

    private func groupName(_ section: MergedConfiguration.Section) throws(Refusal) -> String {
        do {
            return try ValueTypes.name(Self.nameAfterColon(section.name))
        } catch {
            throw Refusal(error, at: configuration.span(section))
        }
    }

    private func priority(_ section: MergedConfiguration.Section, _ usual: Int = 999) throws(Refusal) -> Int {
        guard let value = configuration.value("priority", in: section) else { return usual }
        // Nearly always a number and no more.
        if let number = try? ValueTypes.integer(value.text) { return number }
        let field = try fields(section, [("here", .text(here))]).read("priority") { (text) throws(BadValue) in
            try ValueTypes.integer(text)
        }
        return field?.value ?? usual
    }

    /// `[group:x]`: the processes of several sections in the order of `programs`.
    private mutating func heterogeneous(
        _ section: MergedConfiguration.Section, _ grouped: inout Set<String>
    ) throws(Refusal) -> ServiceGroup {
        let name = try groupName(section)
        let fields = fields(section, [("here", .text(here))])
        let programs = try fields.expanded("programs")
        let priority = try priority(section)
        var services: [Service] = []
        // The original's messages name the last section that it looked at, not always the group's.
        var blamed = section.name
        for program in ValueTypes.strings(programs?.text ?? "") {
            let plain = configuration.section(named: "program:" + program)
            let fastCGI = configuration.section(named: "fcgi-program:" + program)
            guard let found = plain ?? fastCGI else {
                throw Refusal(
                    "[\(blamed)] names unknown program or fcgi-program \(program)",
                    remedy: "correct programs= in [\(section.name)]", at: programs?.span, code: "group-unknown-program")
            }
            if plain != nil, fastCGI != nil {
                throw Refusal(
                    "[\(blamed)] name \(program) is ambiguous (exists as program and fcgi-program)",
                    at: programs?.span, code: "group-ambiguous-program")
            }
            blamed = found.name
            grouped.insert(found.name)
            services += try processes(of: found, group: name)
        }
        var group = ServiceGroup(name: name, priority: priority, kind: .heterogeneous, services: [])
        Self.add(services, to: &group)
        return group
    }

    /// Of processes with one name the last survives, in the place of the first (a Python dictionary).
    private static func add(_ services: [Service], to group: inout ServiceGroup) {
        var index: [String: Int] = [:]
        for service in services {
            if let position = index[service.name.value] {
                group.shadowed.append(group.services[position])
                group.services[position] = service
            } else {
                index[service.name.value] = group.services.count
                group.services.append(service)
            }
        }
    }

    private mutating func eventListener(_ section: MergedConfiguration.Section) throws(Refusal) -> ServiceGroup {
        // Neither trimmed nor checked here by the original.
        let name = Self.nameAfterColon(section.name)
        let fields = fields(section, [("here", .text(here))])
        let priority = try priority(section, -1)
        let buffer = try fields.read("buffer_size") { (text) throws(BadValue) in try ValueTypes.integer(text) }
        if let buffer, buffer.value < 1 {
            throw Refusal(
                "[\(section.name)] section sets invalid buffer_size "
                    + "(\(PythonText.integer(buffer.value, from: fields.raw("buffer_size")?.text)))", at: buffer.span,
                code: "listener-buffer")
        }
        let handler = try fields.expanded("result_handler")
        if let handler, !Self.names(handler.text, EventPool.defaultHandler) {
            guard !keepsToOriginal else {
                throw Refusal(
                    "\(handler.text) cannot be resolved within [\(section.name)]",
                    remedy: "handlers in Python cannot be loaded: leave \(EventPool.defaultHandler)", at: handler.span,
                    code: "listener-handler")
            }
            warn(
                "The result_handler \(handler.text) of [\(section.name)] is Python and cannot be loaded; the default "
                    + "handler is used instead", at: handler.span)
        }
        let events = try fields.expanded("events")
        var names: [String] = []
        for event in ValueTypes.strings(events?.text ?? "").map({ $0.uppercased() }) where !names.contains(event) {
            names.append(event)
            // Bounded: there are not more types than that, so the next is unknown or known already.
            guard EventType(named: event) != nil else {
                throw Refusal(
                    "Unknown event type \(event) in [\(section.name)] events", at: events?.span,
                    code: "listener-unknown-event")
            }
        }
        guard !names.isEmpty else {
            throw Refusal(
                "[\(section.name)] section requires an \"events\" line", at: fields.span, code: "ini-missing-key")
        }
        if let redirects = try fields.read("redirect_stderr", ValueTypes.boolean), redirects.value {
            throw Refusal(
                "[\(section.name)] section sets redirect_stderr=true but this is not allowed because it will interfere "
                    + "with the eventlistener protocol", at: redirects.span, code: "listener-redirect")
        }
        let pool = EventPool(events: names, bufferSize: buffer?.value ?? 10, resultHandler: EventPool.defaultHandler)
        return ServiceGroup(
            name: name, priority: priority, kind: .eventListener(pool),
            services: try processes(of: section, group: name))
    }

    private mutating func fastCGI(_ section: MergedConfiguration.Section) throws(Refusal) -> ServiceGroup {
        let name = try groupName(section)
        let priority = try priority(section)
        let fields = fields(section, [("here", .text(here))])
        let world = world
        let user = try fields.read("user") { (text) throws(BadValue) in try Accounts.userID(text, in: world) }
        let backlog = try fields.read("socket_backlog") { (text) throws(BadValue) in try ValueTypes.integer(text) }
        if let backlog, !(1...65535).contains(backlog.value) {
            let shown = PythonText.integer(backlog.value, from: fields.raw("socket_backlog")?.text)
            throw Refusal("Invalid socket_backlog value \(shown)", at: backlog.span)
        }
        let owner = try fields.expanded("socket_owner")
        if let owner, !Accounts.isOwner(owner.text, in: world) {
            throw Refusal("Invalid socket_owner value \(owner.text)", at: owner.span)
        }
        let modeField = try fields.expanded("socket_mode")
        let mode = modeField.flatMap { try? ValueTypes.octal($0.text) }
        if let modeField, mode == nil {
            throw Refusal("Invalid socket_mode value \(modeField.text)", at: modeField.span)
        }
        var withName = fields
        withName.names.own.append(("program_name", .text(name)))
        guard let field = try withName.expanded("socket"), !field.text.isEmpty else {
            throw Refusal(
                "[\(section.name)] section requires a \"socket\" line", remedy: "add socket=unix:///path",
                at: fields.span, code: "ini-missing-key")
        }
        var socket = FastCGISocket(url: field.text, backlog: backlog?.value, mode: mode, owner: owner?.text)
        do {
            try settle(&socket, user: user?.value)
        } catch {
            throw Refusal("\(error.message) in [\(section.name)] socket", at: field.span, code: "fcgi-socket")
        }
        var services = try processes(of: section, group: name)
        for index in services.indices { services[index].standardInput = Setting(.socket, at: field.span) }
        return ServiceGroup(name: name, priority: priority, kind: .fastCGI(socket), services: services)
    }

    /// Normalises a socket's address and fills in its mode and owner; the tuples in the messages are the original's.
    private func settle(_ socket: inout FastCGISocket, user: UInt32?) throws(BadValue) {
        if socket.url.hasPrefix("unix://") {
            let path = String(socket.url.dropFirst(7))
            guard PythonPath.isAbsolute(path) else {
                throw BadValue("('Unix socket path %s is not an absolute path', \(PythonText.repr(path)))")
            }
            socket.url = "unix://" + PythonPath.settled(path, in: world)
            if socket.owner == nil, let user, user != world.userID, let record = world.user(id: user) {
                socket.owner = "\(user):\(record.group)"
            }
            socket.mode = socket.mode ?? 0o700
            return
        }
        guard socket.owner == nil, socket.mode == nil else {
            throw BadValue("socket_owner and socket_mode params should only be used with a Unix domain socket")
        }
        let address = socket.url.hasPrefix("tcp://") ? String(socket.url.dropFirst(6)) : ""
        let parts = PythonText.pieces(address, separator: ":")
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].unicodeScalars.contains(where: PythonText.isSpace),
            !parts[1].isEmpty, parts[1].unicodeScalars.allSatisfy(PythonText.isDecimalDigit)
        else {
            throw BadValue("('Bad socket format %s', \(PythonText.repr(socket.url)))")
        }
        socket.url = "tcp://\(parts[0].lowercased()):\(try ValueTypes.port(parts[1]))"
    }
}

extension EventPool {
    /// The only result handler that is not Python.
    static let defaultHandler = "supervisor.dispatchers:default_handler"
}
