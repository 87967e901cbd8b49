import Kernel
import ServiceModel
import SourceText

/// `minfds` and `minprocs`: raises our limits to at least that, never lowers them (supervisord 4.3,
/// `set_rlimits_or_exit`). Programs inherit them.
struct ResourceFloors<K: SystemCalls> {
    let kernel: K

    /// Returns what the log shall say.
    func raise(_ settings: DaemonSettings) throws(StartFailure) -> [PlanNotice] {
        var notices: [PlanNotice] = []
        let floors: [(Resource, String, Int, key: String, what: String)] = [
            (.openFiles, "RLIMIT_NOFILE", settings.minimumDescriptors, "minfds", "file descriptors"),
            (.processes, "RLIMIT_NPROC", settings.minimumProcesses, "minprocs", "processes"),
        ]
        for (resource, name, floor, key, what) in floors {
            guard let wanted = UInt64(exactly: floor), let current = try? kernel.limit(resource),
                let soft = current.soft, soft < wanted
            else { continue }
            let hard = current.hard.map { max($0, wanted) }
            do throws(SystemError) {
                try kernel.setLimit(LimitSetting(resource, soft: wanted, hard: hard))
                notices.append(PlanNotice(.info, "Increased \(name) limit to \(wanted)"))
            } catch {
                throw failure(key, wanted: wanted, hard: current.hard, what: what)
            }
        }
        return notices
    }

    private func failure(_ key: String, wanted: UInt64, hard: UInt64?, what: String) -> StartFailure {
        let allowed = hard.map { "\($0)" } ?? "unlimited"
        let noun = key == "minfds" ? "file descriptors" : "available processes"
        let subject = key == "minfds" ? "process" : "program"
        return StartFailure(
            .systemError, code: "limit", "\(key)=\(wanted) is more than the \(allowed) \(what) allowed here",
            remedy: "raise the limit (ulimit) or lower \(key)",
            original:
                // It names what it wanted as what is allowed.
                "The minimum number of \(noun) required to run this \(subject) is \(wanted) as per the \"\(key)\" "
                + "command-line argument or config file setting. The current environment will only allow you to open "
                + "\(wanted) \(what).  Either raise the number of usable \(what) in your environment (see README.rst) "
                + "or lower the \(key) setting in the config file to allow the \(subject) to start.")
    }
}
