import ServiceModel
import SourceText

/// Programs for trials.
enum Program {
    /// `/bin/sh -c script`, with logs `NAME.out` and `NAME.err` in `directory`, RUNNING at once.
    static func shell(
        _ name: String, _ script: String, in directory: String, _ change: (inout Service) -> Void = { _ in }
    ) -> Service {
        var service = Service(name: Setting(name), dialect: .supervisor)
        service.command = Setting(.words(["/bin/sh", "-c", script]))
        service.readiness = Setting(.executed)
        service.standardOutput = Setting(.file("\(directory)/\(name).out"))
        service.standardError = Setting(.file("\(directory)/\(name).err"))
        change(&service)
        return service
    }

    static func plan(_ services: [Service], _ change: (inout Plan) -> Void = { _ in }) -> Plan {
        var plan = Plan(groups: services.map { ServiceGroup(name: $0.name.value, services: [$0]) })
        plan.daemon.minimumDescriptors = 64
        plan.daemon.minimumProcesses = 1
        change(&plan)
        return plan
    }
}
