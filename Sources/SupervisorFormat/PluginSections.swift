import ServiceModel
import SourceText

extension ConfigurationReading {
    /// The factory that makes the methods of namespace `supervisor`; any other is Python of somebody else.
    private static let mainFactory = "supervisor.rpcinterface:make_main_rpcinterface"

    /// `[rpcinterface:x]`: whether the namespace `supervisor` is offered. Other factories are skipped, aloud.
    mutating func offersSupervisorNamespace() throws(Refusal) -> Bool {
        var offers = false
        for number in configuration.sections(prefix: "rpcinterface:") {
            let section = configuration.sections[number]
            let factory = try factory(of: section, key: "supervisor.rpcinterface_factory")
            let isSupervisor = Self.nameAfterColon(section.name) == "supervisor"
            if isSupervisor, factory == Self.mainFactory {
                offers = true
            } else {
                warnings.append(
                    "[\(section.name)] is skipped: its factory \(factory) is Python and cannot be loaded; its methods are "
                        + "not offered")
            }
        }
        return offers
    }

    /// Keys that the main factory does not know (`[DEFAULT]` brings such) end the original when it opens its servers.
    func checkMainFactory() throws(Refusal) {
        guard let section = configuration.section(named: "rpcinterface:supervisor") else { return }
        guard let key = configuration.keys(of: section).first(where: { $0 != "supervisor.rpcinterface_factory" })
        else { return }
        throw Refusal(
            "Could not make supervisor rpc interface", remedy: "remove the key \(key) from [\(section.name)]",
            at: configuration.value(key, in: section).map { configuration.span($0) }, code: "rpcinterface-key")
    }

    /// `[ctlplugin:x]`: skipped, aloud.
    mutating func skipClientPlugins() throws(Refusal) {
        for number in configuration.sections(prefix: "ctlplugin:") {
            let section = configuration.sections[number]
            let factory = try factory(of: section, key: "supervisor.ctl_factory")
            warnings.append(
                "[\(section.name)] is skipped: its factory \(factory) is Python and cannot be loaded; its commands are "
                    + "not offered")
        }
    }

    private func factory(of section: MergedConfiguration.Section, key: String) throws(Refusal) -> String {
        let fields = fields(section, [])
        guard let factory = try fields.expanded(key) else {
            throw Refusal(
                "section [\(section.name)] does not specify a \(key)", at: fields.span, code: "ini-missing-key")
        }
        // The others become arguments of the factory; their expansions are checked all the same.
        for other in configuration.keys(of: section) where other != key { _ = try fields.expanded(other) }
        return factory.text
    }
}
