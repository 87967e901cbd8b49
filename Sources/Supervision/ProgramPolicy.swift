package import ServiceModel
package import SourceText

/// What the machine must know of a program: the rules of its life, nothing of how it is executed.
package struct ProgramPolicy: Hashable, Sendable {
    package var name: String
    package var priority: Int
    package var startsAtLoad: Bool
    package var readiness: Readiness
    package var restartOn: TerminationSet
    package var success: TerminationSet
    package var giveUp: GiveUp
    package var restartDelay: RestartDelay
    package var stopSignal: Signal
    package var stopTimeout: TimeSpan
    package var stopScope: SignalScope
    package var killScope: SignalScope
    package var endsStragglers: Bool

    /// The effective values of a service. Without key paths: each that is used for the first time costs the runtime a
    /// look through all conformances, and a start would pay for all of them before its first program lives.
    package init(_ service: Service) {
        let usual = service.dialect.defaults
        name = service.name.value
        priority = service.priority?.value ?? usual.priority
        startsAtLoad = service.startsAtLoad?.value ?? usual.startsAtLoad
        readiness = service.readiness?.value ?? usual.readiness
        restartOn = service.restartOn?.value ?? usual.restartOn
        success = service.success?.value ?? usual.success
        giveUp = service.giveUp?.value ?? usual.giveUp
        restartDelay = service.restartDelay?.value ?? usual.restartDelay
        stopSignal = service.stopSignal?.value ?? usual.stopSignal
        stopTimeout = service.stopTimeout?.value ?? usual.stopTimeout
        stopScope = service.stopScope?.value ?? usual.stopScope
        killScope = service.killScope?.value ?? usual.killScope
        endsStragglers = service.endsStragglers?.value ?? usual.endsStragglers
    }
}

/// A group as the machine sees it; programs in the order in which they start at boot.
package struct GroupPolicy: Hashable, Sendable {
    package var name: String
    package var priority: Int
    package var programs: [ProgramPolicy]

    package init(name: String, priority: Int, programs: [ProgramPolicy]) {
        self.name = name
        self.priority = priority
        self.programs = programs
    }

    package init(_ group: ServiceGroup) {
        self.init(name: group.name, priority: group.priority, programs: group.services.map(ProgramPolicy.init))
    }
}
