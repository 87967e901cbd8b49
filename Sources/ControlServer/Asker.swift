import Kernel
import ServiceModel
import SourceText

/// Who asks, and what he may do.
struct Asker: Sendable {
    /// The user name of a rule that fits.
    var username: String?
    /// Of a unix socket's client.
    var peer: PeerCredentials?
    var rights = AccessRights.all
    /// The section in which these rights are written.
    var section: String?

    /// `user 1000 (pid 4242)`, `dashboard at 127.0.0.1:4711`; `address` is where a client of a TCP socket comes from.
    func name(at address: String) -> String {
        let place = peer.map { peer in "user \(peer.user)" + (peer.pid.map { " (pid \($0))" } ?? "") } ?? address
        return username.map { "\($0.oneLine), \(place)" } ?? place
    }

    /// Why this is not allowed to him; `nil` = it is.
    func objection(to need: AccessTable.Need) -> String? {
        AccessTable.objection(to: need, rights).map(explained)
    }

    /// An objection with the place where it can be changed.
    func explained(_ objection: String) -> String { "not allowed: \(section ?? "the rule") \(objection)" }
}

/// Whom a listener lets in, and with which rights.
struct AccessRules: Sendable {
    /// The listener's own name and password; `nil` when it asks for none.
    private var authorization: Authorization?
    private var rules: [(rule: AccessRule, authorization: Authorization?)]
    /// Users whom `users=*` does not mean: root and the daemon's own could do everything anyway.
    private var trusted: Set<UInt32>

    init(_ listener: ListenerSettings, trusted: Set<UInt32>) {
        authorization = Authorization(username: listener.username, password: listener.password)
        rules = listener.access.map { ($0, Authorization(username: $0.username, password: $0.password)) }
        self.trusted = trusted
    }

    /// Who sends this `Authorization` header; `nil` = he must say the password first.
    ///
    /// What was said counts first, then whose process it is: a rule about a user holds whatever password he knows.
    func asker(_ header: String?, _ peer: PeerCredentials?) -> Asker? {
        let isLetIn = authorization?.admits(header)
        if rules.isEmpty { return isLetIn == false ? nil : Asker(peer: peer) }
        if header != nil, let rule = rules.first(where: { $0.authorization?.admits(header) == true })?.rule {
            return Asker(username: rule.username, peer: peer, rights: rule.rights, section: rule.section)
        }
        if isLetIn == false { return nil }
        if let peer, let rule = rules.first(where: { $0.rule.users.contains(peer.user) })?.rule {
            return Asker(peer: peer, rights: rule.rights, section: rule.section)
        }
        let isTrusted = isLetIn == true || peer.map { trusted.contains($0.user) } == true
        if !isTrusted, let rule = rules.first(where: \.rule.isForOthers)?.rule {
            return Asker(peer: peer, rights: rule.rights, section: rule.section)
        }
        return Asker(peer: peer)
    }
}
