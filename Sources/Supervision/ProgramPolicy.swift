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

    /// The effective values of a service.
    package init(_ service: Service) {
        name = service.name.value
        priority = service.effective(\.priority, \.priority)
        startsAtLoad = service.effective(\.startsAtLoad, \.startsAtLoad)
        readiness = service.effective(\.readiness, \.readiness)
        restartOn = service.effective(\.restartOn, \.restartOn)
        success = service.effective(\.success, \.success)
        giveUp = service.effective(\.giveUp, \.giveUp)
        restartDelay = service.effective(\.restartDelay, \.restartDelay)
        stopSignal = service.effective(\.stopSignal, \.stopSignal)
        stopTimeout = service.effective(\.stopTimeout, \.stopTimeout)
        stopScope = service.effective(\.stopScope, \.stopScope)
        killScope = service.effective(\.killScope, \.killScope)
        endsStragglers = service.effective(\.endsStragglers, \.endsStragglers)
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
