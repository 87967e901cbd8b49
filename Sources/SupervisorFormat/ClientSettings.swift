package import ServiceModel
import SourceText

/// `[supervisorctl]`: how to reach a daemon (supervisorctl 4.3 names and defaults).
package struct ClientSettings: Hashable, Sendable {
    /// `http://host:port` or `unix:///path`, the path absolute and normalised.
    package var serverURL = "http://localhost:9001"
    package var username: String?
    package var password: String?
    package var prompt = "supervisor"
    /// Absolute; `nil` = no history is kept.
    package var historyFile: String?
    /// What the reader has to say, e.g. that a `[ctlplugin:x]` is skipped.
    package var notices: [PlanNotice] = []

    package init() {}
}

extension ConfigurationReading {
    /// `[supervisorctl]` of a document that is loaded already.
    mutating func clientSettings() throws(Refusal) -> ClientSettings {
        var settings = ClientSettings()
        guard let section = configuration.section(named: "supervisorctl") else {
            throw Refusal(
                ".ini file does not include supervisorctl section", remedy: "add a line [supervisorctl]",
                at: SourceSpan(file: path, at: .start), code: "ini-no-supervisorctl")
        }
        var fields = fields(section, [("here", .text(here))])
        if let url = try fields.expanded("serverurl")?.text { settings.serverURL = url }
        if settings.serverURL.hasPrefix("unix://") {
            settings.serverURL = "unix://" + PythonPath.settled(String(settings.serverURL.dropFirst(7)), in: world)
        }
        fields.names.own = []
        if let prompt = try fields.expanded("prompt")?.text { settings.prompt = prompt }
        settings.username = try fields.expanded("username")?.text
        settings.password = try fields.expanded("password")?.text
        fields.names.own = [("here", .text(here))]
        if let file = try fields.expanded("history_file")?.text, !file.isEmpty {
            settings.historyFile = PythonPath.settled(file, in: world)
        }
        try skipClientPlugins()
        settings.notices = notices
        return settings
    }
}
