import ServiceModel
import SourceText

/// A `[program:x]` (or its kin) while it is being read: settings that need others before they mean something.
struct ProgramDraft {
    /// What all processes of the section have in common.
    var service = Service(name: Setting(""), dialect: .supervisor)
    var autoRestart: Setting<ValueTypes.AutoRestart>?
    var exitCodes: Setting<[Int]>?
    var stopAsGroup: Setting<Bool>?
    var killAsGroup: Setting<Bool>?
    var redirectsError: Setting<Bool>?
    var processes = 1
    var processesSpan: SourceSpan?
    var firstNumber = 0
    /// Expanded once for each process.
    var environment: Field?
    var processName: Field?
    var delay: Setting<RestartDelay>?
    var throttle: Setting<RestartDelay>?

    /// The checks that look at more than one key, in the original's order and words.
    func check(_ section: SourceSpan) throws(Refusal) {
        if processes > 1, !hasNumberedName {
            throw Refusal(
                "%(process_num) must be present within process_name when numprocs > 1",
                remedy: "write process_name=%(program_name)s_%(process_num)02d", at: processName?.span ?? processesSpan,
                code: "program-numprocs")
        }
        if stopAsGroup?.value == true, killAsGroup?.value == false {
            throw Refusal(
                "Cannot set stopasgroup=true and killasgroup=false", at: killAsGroup?.span ?? section,
                code: "program-killasgroup")
        }
        if let delay, throttle != nil {
            throw Refusal(
                "restart_delay and restart_throttle exclude each other", remedy: "remove one of them",
                at: delay.span ?? section, code: "program-restart-delay")
        }
    }

    private var hasNumberedName: Bool {
        let text = Array((processName?.text ?? "").utf8)
        return text.indices.contains { text[$0...].starts(with: "%(process_num)".utf8) }
    }

    /// Puts together what several keys say.
    mutating func combine() {
        if let exitCodes {
            service.supervisor.exitCodeList = exitCodes.value
            service.success = Setting(success, at: exitCodes.span)
        }
        switch autoRestart?.value {
        case .always?: service.restartOn = Setting(.all, at: autoRestart?.span)
        case .never?: service.restartOn = Setting(.none, at: autoRestart?.span)
        case .unexpected?: service.restartOn = Setting(success.inverted, at: autoRestart?.span)
        case nil:
            // Other expected codes change what the default `unexpected` means.
            if let exitCodes { service.restartOn = Setting(success.inverted, at: exitCodes.span) }
        }
        func scope(_ setting: Setting<Bool>) -> Setting<SignalScope> {
            Setting(setting.value ? .processGroup : .main, at: setting.span)
        }
        service.stopScope = stopAsGroup.map(scope)
        service.killScope = (killAsGroup ?? stopAsGroup).map(scope)
        service.restartDelay = throttle ?? delay
        if let redirectsError, redirectsError.value {
            service.standardError = Setting(.sameAsOutput, at: redirectsError.span)
        }
    }

    private var success: TerminationSet { .codes((exitCodes?.value ?? [0]).compactMap { Int32(exactly: $0) }) }
}
