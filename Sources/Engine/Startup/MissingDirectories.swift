import Kernel
import ServiceModel
import SourceText

/// Makes the directories that a configuration names and that are not there: nobody should have to read a traceback to
/// learn that `mkdir` was missing.
struct MissingDirectories<K: SystemCalls> {
    let kernel: K

    /// `owner`: who the daemon will be, for it must be able to write there. Returns what the log shall say.
    func make(_ paths: [String], owner: UserAccount?) -> [PlanNotice] {
        var notices: [PlanNotice] = []
        for path in paths {
            do throws(SystemError) {
                for made in try kernel.makeDirectories(path, mode: 0o755) {
                    if let owner, owner.id != kernel.userID, kernel.userID == 0 {
                        try kernel.setOwner(made, user: owner.id, group: owner.group)
                    }
                    // Said at every log level, as the original does with what an operator should see at the start.
                    notices.append(PlanNotice(.critical, "made the missing directory \(made) (mode 0755)"))
                }
            } catch {
                notices.append(PlanNotice(.error, "cannot make the missing directory \(path): \(error)"))
            }
        }
        return notices
    }
}
