package import Kernel
import SourceText

/// Ends what is left in the control group of the service that we are called by (systemd.service(5), `KillMode=process`
/// leaves it): after an operator's stop for good, and before a start so that no program runs twice, where the daemon
/// cannot take up what is left (`Survivors`). Never between a crash and the restart that follows it.
package struct Sweeper<K: SystemCalls> {
    package enum Moment: Sendable {
        case beforeStart, afterStop

        /// How long processes may take after SIGTERM. After a crash the daemon is to be back within three seconds, one of
        /// which is systemd's pause.
        fileprivate var patience: TimeSpan {
            switch self {
            case .beforeStart: .seconds(1)
            case .afterStop: .seconds(5)
            }
        }
    }

    let kernel: K

    package init(_ kernel: K) {
        self.kernel = kernel
    }

    /// What was done, for the journal.
    package func sweep(_ moment: Moment) -> [String] {
        if moment == .beforeStart, kernel.descriptorStoreSize != nil { return [] }
        guard let unit = ControlGroup(kernel) else { return [] }
        if moment == .afterStop, !isForGood(unit) { return [] }
        return unit.end(kernel, patience: moment.patience)
    }

    /// Whether the service stays down: it ended well, or somebody is stopping it.
    private func isForGood(_ unit: ControlGroup) -> Bool {
        if kernel.variable("SERVICE_RESULT") == "success" { return true }
        // What no restart mends (`RestartPreventExitStatus=` of the hook).
        if kernel.variable("EXIT_CODE") == "exited", kernel.variable("EXIT_STATUS") == "\(Hook.unmendable)" {
            return true
        }
        let isUser = unit.path.contains("/user@")
        let call = ToolCall(
            ["systemctl"] + (isUser ? ["--user"] : []) + ["list-jobs", "--no-legend", "--plain"], limit: .seconds(5))
        let answer = ToolRunner(kernel: kernel).run(call)
        return answer.output.split(separator: "\n").contains { (line: Substring) in
            let fields = line.split(separator: " ")
            return fields.count >= 3 && fields[1] == unit.name && (fields[2] == "stop" || fields[2] == "restart")
        }
    }
}
