import PropertyList
import ServiceModel

/// What the daemon's files on disk say that the running programs do not follow yet; asked of svinstall's daemon only.
struct Staleness {
    var added: [String]
    var changed: [String]
    var removed: [String]
    /// Line by line what differs.
    var details: [String]
    /// Why the files cannot be read.
    var problem: String?

    var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }

    private static let path = "/svinstall/v1/staleness"

    /// `nil` when the daemon cannot tell: supervisord knows no such thing.
    static func ask(_ session: ControlSession) -> Staleness? {
        guard let (status, body) = try? session.connection.get(path), status == 200,
            let root = try? JSONReader.read(body, path: path).plain
        else { return nil }
        func names(_ key: String) -> [String] { (root[key]?.array ?? []).compactMap(\.string) }
        return Staleness(
            added: names("added"), changed: names("changed"), removed: names("removed"), details: names("details"),
            problem: root["problem"]?.string)
    }

    /// After words that people use to look or to begin anew: what they should know, on standard error.
    static func notify(after command: ControlCommand, _ words: [String], _ session: ControlSession) {
        guard command.name == "status" || command.name == "restart", let staleness = ask(session) else { return }
        let wanted = words.contains("all") ? [] : Set(words.map { ProcessName($0).group })
        func isWanted(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }
        if let problem = staleness.problem {
            session.advise("the configuration on disk cannot be used: \(problem); what runs goes on as it was")
        }
        for name in staleness.changed where isWanted(name) {
            session.advise(
                command.name == "status"
                    ? "\(name): config changed on disk; apply with svinstall update"
                    : "\(name): still runs the old definition; apply the new one with svinstall restart --update \(name)"
            )
        }
        for name in staleness.removed where isWanted(name) {
            session.advise("\(name): no longer in the config on disk; take it out with svinstall update")
        }
        guard command.name == "status" else { return }
        for name in staleness.added where isWanted(name) {
            session.advise("\(name): new in the config on disk; start it with svinstall update")
        }
    }
}
