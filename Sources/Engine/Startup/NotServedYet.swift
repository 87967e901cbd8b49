import ServiceModel
import SourceText

/// What a configuration asks for and this engine does not do yet: said when it starts, so that nobody waits for it.
enum NotServedYet {
    static func notices(of plan: Plan) -> [PlanNotice] {
        plan.groups.flatMap { group in
            group.services.flatMap { service in
                reasons(service).map { PlanNotice(.warning, "\(service.name.value): \($0)") }
            }
        }
    }

    private static func reasons(_ service: Service) -> [String] {
        var reasons: [String] = []
        let triggers: [(isSet: Bool, name: String)] = [
            (service.calendar != nil, "its calendar"), (service.interval != nil, "its interval"),
            (service.watchedPaths != nil, "its watched paths"),
            (service.queueDirectories != nil, "its queue directories"),
            (service.sockets != nil, "its held sockets"),
            (service.rootDirectory != nil, "its root directory"),
        ]
        let ignored = triggers.filter(\.isSet).map(\.name)
        if !ignored.isEmpty { reasons.append("\(ignored.joined(separator: ", ")) has no effect yet") }
        return reasons
    }
}
