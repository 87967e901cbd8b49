import Kernel
import ServiceModel
import SourceText

/// Who a program runs as. The user database may block.
struct ChildIdentity<K: SystemCalls> {
    let kernel: K

    struct Problem: Error {
        /// What goes behind `couldn't setuid to `.
        let text: String
    }

    /// The identity of `user=` and `group=`; `nil` when the program stays who we are, which it also does when it is to
    /// be who we are (supervisord 4.3, `drop_privileges`).
    func credentials(user: String?, group groupName: String?) -> Result<Credentials?, Problem> {
        guard let user else {
            guard let groupName else { return .success(nil) }
            return group(groupName).map { Credentials(user: kernel.userID, group: $0, supplementaryGroups: [$0]) }
        }
        return account(user).flatMap { account in
            let isOurs = account.id == kernel.userID
            if isOurs, groupName == nil { return .success(nil) }
            if kernel.userID != 0 {
                return .failure(Problem(text: "\(account.id): Can't drop privilege as nonroot user"))
            }
            guard var credentials = try? kernel.credentials(of: account) else {
                return .failure(Problem(text: "\(account.id): Could not set groups of effective user"))
            }
            guard let groupName else { return .success(credentials) }
            return group(groupName).map { id in
                credentials.group = id
                return credentials
            }
        }
    }

    /// The entry of a name or a numeric id.
    func account(_ user: String) -> Result<UserAccount, Problem> {
        if let id = UInt32(user) {
            guard let account = try? kernel.user(id: id) else {
                return .failure(Problem(text: "\(user): Can't find uid \(id)"))
            }
            return .success(account)
        }
        guard let account = try? kernel.user(named: user) else {
            return .failure(Problem(text: "\(user): Can't find username \(PythonText.repr(user))"))
        }
        return .success(account)
    }

    private func group(_ name: String) -> Result<UInt32, Problem> {
        if let id = UInt32(name) { return .success(id) }
        guard let group = try? kernel.group(named: name) else {
            return .failure(Problem(text: "\(name): Can't find group \(PythonText.repr(name))"))
        }
        return .success(group.id)
    }
}
