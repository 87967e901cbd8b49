import Kernel
import ServiceModel
import SourceText

/// Deletes the automatic logs of earlier runs (supervisord 4.3, `clear_autochildlogdir`).
struct ChildLogCleaner<K: SystemCalls> {
    let kernel: K

    /// Returns what the log shall say.
    func clean(_ settings: DaemonSettings) -> [PlanNotice] {
        guard !settings.keepsOldChildLogs else { return [] }
        guard let names = try? kernel.list(settings.childLogDirectory) else {
            return [PlanNotice(.warning, "Could not clear childlog dir")]
        }
        return names.filter { AutomaticLog.isLeftOver($0, identifier: settings.identifier) }.compactMap { name in
            let path = "\(settings.childLogDirectory)/\(name)"
            let isGone = (try? kernel.unlink(path)) != nil
            return isGone ? nil : PlanNotice(.warning, "Failed to clean up \(PythonText.repr(path))")
        }
    }
}
