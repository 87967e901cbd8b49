import ServiceModel
import SourceText

extension ConfigurationReading {
    /// The factory that makes the methods of namespace `supervisor`; any other is Python of somebody else.
    private static let mainFactory = "supervisor.rpcinterface:make_main_rpcinterface"

    private static let factoryKey = "supervisor.rpcinterface_factory"

    /// `[rpcinterface:x]`: whether the namespace `supervisor` is offered. Other factories are skipped, aloud.
    mutating func offersSupervisorNamespace() throws(Refusal) -> Bool {
        var offers = false
        for number in configuration.sections(prefix: "rpcinterface:") {
            let section = configuration.sections[number]
            let factory = try factory(of: section, key: Self.factoryKey)
            switch (Self.names(factory.text, Self.mainFactory), Self.nameAfterColon(section.name) == "supervisor") {
            case (true, true): offers = true
            case (true, false):
                skip(section, factory, "the main factory's methods are offered as supervisor.* only")
            case (false, _):
                skip(
                    section, factory,
                    "its factory \(factory.text) is Python and cannot be loaded; its methods are not offered")
            }
        }
        return offers
    }

    private mutating func skip(_ section: MergedConfiguration.Section, _ factory: Field, _ reason: String) {
        warn("[\(section.name)] is skipped: \(reason)", at: factory.span)
    }

    /// Whether a text names an object of the original's. Blanks around the colon do not count, nor do extras in brackets
    /// on one line (Python's entry points).
    static func names(_ text: String, _ object: String) -> Bool {
        var text = PythonText.strip(text)
        if text.hasSuffix("]"), let bracket = text.firstIndex(of: "["), !text[bracket...].utf8.contains(10) {
            text = String(text[..<bracket])
        }
        // `joined` costs its first caller a look through the runtime's tables.
        if text == object { return true }
        return PythonText.pieces(text, separator: ":").map(PythonText.strip).joined(separator: ":") == object
    }

    /// Keys that the main factory does not know (`[DEFAULT]` brings such) end the original when it opens its servers.
    func checkMainFactory() throws(Refusal) {
        for number in configuration.sections(prefix: "rpcinterface:") {
            let section = configuration.sections[number]
            let factory = try factory(of: section, key: Self.factoryKey)
            guard Self.names(factory.text, Self.mainFactory),
                let key = configuration.keys(of: section).first(where: { $0 != Self.factoryKey })
            else { continue }
            throw Refusal(
                "Could not make \(Self.nameAfterColon(section.name)) rpc interface",
                remedy: "remove the key \(key) from [\(section.name)]",
                at: configuration.value(key, in: section).map { configuration.span($0) }, code: "rpcinterface-key")
        }
    }

    /// `[ctlplugin:x]`: skipped, aloud.
    mutating func skipClientPlugins() throws(Refusal) {
        for number in configuration.sections(prefix: "ctlplugin:") {
            let section = configuration.sections[number]
            let factory = try factory(of: section, key: "supervisor.ctl_factory")
            skip(
                section, factory,
                "its factory \(factory.text) is Python and cannot be loaded; its commands are not offered")
        }
    }

    private func factory(of section: MergedConfiguration.Section, key: String) throws(Refusal) -> Field {
        let fields = fields(section, [])
        guard let factory = try fields.expanded(key) else {
            throw Refusal(
                "section [\(section.name)] does not specify a \(key)", at: fields.span, code: "ini-missing-key")
        }
        // The others become arguments of the factory; their expansions are checked all the same.
        for other in configuration.keys(of: section) where other != key { _ = try fields.expanded(other) }
        return factory
    }
}
