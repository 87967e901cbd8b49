/// The user database. Every look-up may block (LDAP, SSSD): never on the engine thread.
package protocol AccountCalls: Sendable {
    /// Whether the database is files of this machine alone, as for a static executable: nobody is asked who may not answer.
    var accountsAreFiles: Bool { get }
    /// `nil` when there is no such user.
    func user(named name: String) throws(SystemError) -> UserAccount?
    func user(id: UInt32) throws(SystemError) -> UserAccount?
    /// `nil` when there is no such group.
    func group(named name: String) throws(SystemError) -> GroupAccount?
    func group(id: UInt32) throws(SystemError) -> GroupAccount?
    /// All groups of a user, `primary` among them.
    func groups(ofUser name: String, primary: UInt32) throws(SystemError) -> [UInt32]
}

/// An entry of passwd(5).
package struct UserAccount: Hashable, Sendable {
    package var name: String
    package var id: UInt32
    /// Primary group.
    package var group: UInt32
    package var home: String
    package var shell: String

    package init(name: String, id: UInt32, group: UInt32, home: String, shell: String) {
        self.name = name
        self.id = id
        self.group = group
        self.home = home
        self.shell = shell
    }
}

/// An entry of group(5).
package struct GroupAccount: Hashable, Sendable {
    package var name: String
    package var id: UInt32

    package init(name: String, id: UInt32) {
        self.name = name
        self.id = id
    }
}

extension AccountCalls {
    /// The complete identity of a user, as login gives it: uid, primary group, all groups of the group database.
    package func credentials(of user: UserAccount) throws(SystemError) -> Credentials {
        Credentials(
            user: user.id, group: user.group,
            supplementaryGroups: try groups(ofUser: user.name, primary: user.group))
    }
}
