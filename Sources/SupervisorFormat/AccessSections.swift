import ServiceModel
import SourceText

/// `[access:NAME]`: ours; supervisord reads no section of that name.
extension ConfigurationReading {
    private static let prefix = "access:"
    private static let keys = ["users", "username", "password", "rights", "groups"]
    /// Everybody else.
    private static let others = "*"

    /// Every rule, in the order of the file. What could be meant to restrict somebody and does not is refused: a key that
    /// does not exist, nobody named, somebody named twice.
    mutating func accessRules(_ groups: [ServiceGroup]) throws(Refusal) -> [AccessRule] {
        var rules: [AccessRule] = []
        for number in configuration.sections(prefix: Self.prefix) {
            let section = configuration.sections[number]
            let fields = fields(section, [])
            if let key = section.values.first(where: { !Self.keys.contains($0.key) })?.key {
                throw Refusal(
                    "[\(section.name)] has no key \(key)", remedy: "its keys are \(Self.keys.joined(separator: ", "))",
                    at: fields.raw(key)?.span, code: "access-key")
            }
            let rule = try accessRule(fields)
            if let other = rules.first(where: { $0.meansSomebody(of: rule) }) {
                throw Refusal(
                    "[\(section.name)] is about somebody whom \(other.section) is about too",
                    remedy: "name everybody once", at: fields.span, code: "access-twice")
            }
            if case .control(let named?) = rule.rights,
                let stranger = named.sorted().first(where: { name in !groups.contains { $0.name == name } })
            {
                warn("[\(section.name)] speaks of a group \(stranger), which is not here", at: fields.span)
            }
            rules.append(rule)
        }
        return rules
    }

    private func accessRule(_ fields: SectionFields) throws(Refusal) -> AccessRule {
        let (username, password) = try credentials(fields)
        var rule = AccessRule(
            name: String(fields.name.dropFirst(Self.prefix.count)), username: username, password: password,
            rights: try rights(fields))
        let world = world
        let users = try fields.read("users") { text throws(BadValue) in
            var users: Set<UInt32> = []
            for name in ValueTypes.strings(text) where name != Self.others {
                users.insert(try Accounts.userID(name, in: world))
            }
            return (users, isForOthers: ValueTypes.strings(text).contains(Self.others))
        }
        if let users { (rule.users, rule.isForOthers) = users.value }
        guard rule.isForOthers || !rule.users.isEmpty || username?.isEmpty == false else {
            throw Refusal(
                "[\(fields.name)] is about nobody", remedy: "add users=NAME or username=NAME and password=…",
                at: fields.span, code: "access-nobody")
        }
        return rule
    }

    private func rights(_ fields: SectionFields) throws(Refusal) -> AccessRights {
        let groups = try fields.expanded("groups")
        let word = try fields.expanded("rights")
        switch (word?.text.lowercased(), groups) {
        case ("control"?, let groups): return .control(groups: groups.map { Set(ValueTypes.strings($0.text)) })
        case (_, let groups?):
            throw Refusal(
                "groups= goes with rights=control", remedy: "remove one of the two", at: groups.span,
                code: "access-groups")
        case ("none"?, nil): return .none
        case ("read"?, nil): return .read
        case ("all"?, nil): return .all
        default:
            throw Refusal(
                "[\(fields.name)] does not say which rights", remedy: "write rights=none, read, control or all",
                at: word?.span ?? fields.span, code: "access-rights")
        }
    }
}

extension AccessRule {
    fileprivate func meansSomebody(of other: AccessRule) -> Bool {
        !users.isDisjoint(with: other.users) || (isForOthers && other.isForOthers)
            || (username != nil && username == other.username)
    }
}
