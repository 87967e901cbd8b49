import ServiceModel
import SourceText

/// What a configuration asks for and this engine does not do yet: said when it starts, so that nobody waits for it.
enum NotServedYet {
    static func notices(of plan: Plan) -> [PlanNotice] {
        plan.groups.flatMap { group in
            group.services.flatMap { service in
                reasons(group.kind, service).map { PlanNotice(.warning, "\(service.name.value): \($0)") }
            }
        }
    }

    private static func reasons(_ kind: ServiceGroup.Kind, _ service: Service) -> [String] {
        var reasons: [String] = []
        switch kind {
        case .eventListener: reasons.append("it runs, but events are not sent to listeners yet")
        case .fastCGI: reasons.append("it runs, but the FastCGI socket is not passed to it yet")
        case .program, .heterogeneous: break
        }
        let extras = service.supervisor
        if extras.outputSyslog?.value == true || extras.errorSyslog?.value == true {
            reasons.append("its output does not go to syslog yet, only to its log file")
        }
        if [extras.outputCaptureBytes, extras.errorCaptureBytes].contains(where: { ($0?.value.bytes ?? 0) > 0 }) {
            reasons.append("capture mode is not there yet: tagged output stays in its log file")
        }
        let triggers: [(isSet: Bool, name: String)] = [
            (service.calendar != nil, "its calendar"), (service.interval != nil, "its interval"),
            (service.watchedPaths != nil, "its watched paths"),
            (service.queueDirectories != nil, "its queue directories"),
            (service.rootDirectory != nil, "its root directory"),
        ]
        let ignored = triggers.filter(\.isSet).map(\.name)
        if !ignored.isEmpty { reasons.append("\(ignored.joined(separator: ", ")) has no effect yet") }
        return reasons
    }
}
