import SourceText

/// Users and groups by name or number, with the original's words when there is no such one.
enum Accounts {
    static func userID(_ text: String, in world: any ConfigurationWorld) throws(BadValue) -> UInt32 {
        if let number = try? PythonText.integer(text) {
            guard let id = UInt32(exactly: number), world.user(id: id) != nil else {
                throw BadValue("Invalid user id \(text)", remedy: "name a user that exists on this machine")
            }
            return id
        }
        guard !text.utf8.contains(0) else { throw BadValue("embedded null byte") }
        guard let user = world.user(named: text) else {
            throw BadValue("Invalid user name \(text)", remedy: "name a user that exists on this machine")
        }
        return user.id
    }

    static func groupID(_ text: String, in world: any ConfigurationWorld) throws(BadValue) -> UInt32 {
        if let number = try? PythonText.integer(text) {
            guard let id = UInt32(exactly: number), world.hasGroup(id: id) else {
                throw BadValue("Invalid group id \(text)")
            }
            return id
        }
        guard let id = world.groupID(named: text) else { throw BadValue("Invalid group name \(text)") }
        return id
    }

    /// Whether `user[:group]` names existing ones.
    static func isOwner(_ text: String, in world: any ConfigurationWorld) -> Bool {
        let parts = PythonText.pieces(text, separator: ":")
        guard (try? userID(parts[0], in: world)) != nil else { return false }
        // Everything after the first colon is the group.
        return parts.count == 1 || (try? groupID(parts.dropFirst().joined(separator: ":"), in: world)) != nil
    }
}
