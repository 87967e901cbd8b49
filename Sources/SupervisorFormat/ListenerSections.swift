import ServiceModel
import SourceText

extension ConfigurationReading {
    /// `[inet_http_server…]` and then `[unix_http_server…]`, in the original's order.
    func listeners() throws(Refusal) -> [ListenerSettings] {
        var listeners: [ListenerSettings] = []
        for number in configuration.sections(prefix: "inet_http_server") {
            listeners.append(try internetListener(configuration.sections[number]))
        }
        for number in configuration.sections(prefix: "unix_http_server") {
            listeners.append(try unixListener(configuration.sections[number]))
        }
        return listeners
    }

    private func internetListener(_ section: MergedConfiguration.Section) throws(Refusal) -> ListenerSettings {
        let fields = fields(section, [])
        let (username, password) = try credentials(fields)
        guard let address = try fields.read("port", ValueTypes.internetAddress) else {
            throw Refusal(
                "section [\(section.name)] has no port value", remedy: "add port=127.0.0.1:9001", at: fields.span,
                code: "ini-missing-key")
        }
        return ListenerSettings(
            section: section.name, address: .tcp(host: address.value.host, port: address.value.port),
            username: username, password: password)
    }

    private func unixListener(_ section: MergedConfiguration.Section) throws(Refusal) -> ListenerSettings {
        var withHere = fields(section, [("here", .text(here))])
        guard let file = try withHere.expanded("file") else {
            throw Refusal(
                "section [\(section.name)] has no file value", remedy: "add file=/path/to/socket", at: withHere.span,
                code: "ini-missing-key")
        }
        withHere.names.own = []
        let fields = withHere
        let (username, password) = try credentials(fields)
        let owner = try fields.expanded("chown")
        if let owner, !Accounts.isOwner(owner.text, in: world) {
            throw Refusal(
                "Invalid sockchown value \(owner.text)", remedy: "write user:group with names that exist here",
                at: owner.span)
        }
        var mode: UInt32 = 0o700
        if let field = try fields.expanded("chmod") {
            guard let value = try? ValueTypes.octal(field.text) else {
                throw Refusal("Invalid chmod value \(field.text)", remedy: "write e.g. 0700", at: field.span)
            }
            mode = value
        }
        return ListenerSettings(
            section: section.name,
            address: .unix(
                path: PythonPath.settled(PythonText.strip(file.text), in: world), mode: mode, owner: owner?.text),
            username: username, password: password)
    }

    func credentials(_ fields: SectionFields) throws(Refusal) -> (username: String?, password: String?) {
        let username = try fields.expanded("username")
        let password = try fields.expanded("password")
        if let given = username ?? password, username == nil || password == nil {
            throw Refusal(
                "Section [\(fields.name)] contains incomplete authentication: If a username or a password is "
                    + "specified, both the username and password must be specified",
                at: given.span, code: "ini-half-credentials")
        }
        return (username?.text, password?.text)
    }
}
