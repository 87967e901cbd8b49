import Kernel
import ServiceModel
import SourceText

/// `user=` of the daemon: becomes that user, or says why not (supervisord 4.3, `set_uid_or_exit`).
struct Privileges<K: SystemCalls> {
    let kernel: K

    static var rootWarning: String {
        "Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  "
            + "If you intend to run as root, you can set user=root in the config file to avoid this message."
    }

    /// Who the daemon is to become; `nil` when it stays who it is.
    func account(_ settings: DaemonSettings) throws(StartFailure) -> UserAccount? {
        guard let user = settings.user else { return nil }
        guard case .success(let account) = ChildIdentity(kernel: kernel).account(user) else {
            let isNumber = UInt32(user) != nil
            throw StartFailure(
                .badConfiguration, code: "unknown-user", "there is no user \(user)",
                remedy: "correct user= in the [supervisord] section",
                original: isNumber ? "Can't find uid \(user)" : "Can't find username \(PythonText.repr(user))")
        }
        return account
    }

    /// Becomes `account`; returns what the log shall say.
    func drop(to account: UserAccount?) throws(StartFailure) -> [PlanNotice] {
        guard let account else {
            return kernel.userID == 0 ? [PlanNotice(.critical, Self.rootWarning)] : []
        }
        let notice = PlanNotice(.info, "Set uid to user \(account.id) succeeded")
        if account.id == kernel.userID { return [notice] }
        guard kernel.userID == 0 else {
            throw StartFailure(
                .noPermission, code: "not-root", "user=\(account.name) needs root to become that user",
                remedy: "start the daemon as root or as \(account.name), or remove user=",
                original: "Can't drop privilege as nonroot user")
        }
        do throws(SystemError) {
            try kernel.setCredentials(kernel.credentials(of: account))
        } catch {
            throw StartFailure(
                .noPermission, code: "drop-privileges", "cannot become user \(account.name): \(error)",
                original: "Could not set groups of effective user")
        }
        return [notice]
    }
}
