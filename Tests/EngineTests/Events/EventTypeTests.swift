import ServiceModel
import Testing

/// Who subscribes to a type gets all below it.
@Suite struct EventTypeTests {
    @Test func theRootCoversEverything() {
        #expect(EventType.allCases.allSatisfy { EventType.event.covers($0) })
        #expect(EventType.allCases.filter { $0.parent == nil } == [.event])
    }

    @Test(arguments: EventType.allCases) func aNameBeginsWithItsParentsName(_ type: EventType) {
        guard let parent = type.parent, parent != .event else { return }
        #expect(type.rawValue.hasPrefix(parent.rawValue + "_"))
        #expect(parent.covers(type))
        #expect(!type.covers(parent))
    }

    @Test(arguments: [
        (EventType.processState, EventType.outputLog), (.tick, .processExited), (.tick5, .tick60),
        (.groupAdded, .groupRemoved), (.log, .outputCommunication),
    ]) func othersAreNotCovered(_ type: EventType, _ other: EventType) {
        #expect(!type.covers(other))
    }

    @Test(arguments: ["tick_5", "TICK_5", "Tick_5"]) func namesMayBeWrittenInAnyCase(_ name: String) {
        #expect(EventType(named: name) == .tick5)
    }

    @Test(arguments: ["", "TICK_7", "PROCESS_STATE_", "EVENTS"]) func otherNamesAreNone(_ name: String) {
        #expect(EventType(named: name) == nil)
    }
}
