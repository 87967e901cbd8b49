import Kernel
import ServiceModel
import SourceText

/// Deletes the automatic logs of earlier runs (supervisord 4.3, `clear_autochildlogdir`).
struct ChildLogCleaner<K: SystemCalls> {
    let kernel: K

    /// Returns what the log shall say. `kept`: logs of programs that still write.
    func clean(_ settings: DaemonSettings, but kept: Set<String> = []) -> [PlanNotice] {
        guard !settings.keepsOldChildLogs else { return [] }
        guard let names = try? kernel.list(settings.childLogDirectory) else {
            return [PlanNotice(.warning, "Could not clear childlog dir")]
        }
        return names.filter { AutomaticLog.isLeftOver($0, identifier: settings.identifier) }.compactMap { name in
            let path = "\(settings.childLogDirectory)/\(name)"
            // With its backups.
            if kept.contains(where: { path.hasPrefix($0) }) { return nil }
            let isGone = (try? kernel.unlink(path)) != nil
            return isGone ? nil : PlanNotice(.warning, "Failed to clean up \(PythonText.repr(path))")
        }
    }
}
