import ServiceModel
import SourceText

// How the values that the machine holds become bytes. A writer and a reader stand together, field by field.

extension StateWriter {
    mutating func instant(_ value: Instant) {
        integer(value.monotonic)
        integer(value.boot)
        integer(value.wall)
    }

    mutating func span(_ value: TimeSpan) { optional(value.finiteMilliseconds) { $0.integer($1) } }

    mutating func terminations(_ set: TerminationSet) {
        list(set.exitCodes) { $0.integer(UInt8(truncatingIfNeeded: $1)) }
        list(set.signalNumbers) { $0.integer(UInt8(truncatingIfNeeded: $1)) }
        integer(set.special.rawValue)
    }

    mutating func scope(_ value: SignalScope) {
        switch value {
        case .main: integer(UInt8(0))
        case .processGroup: integer(UInt8(1))
        case .everything: integer(UInt8(2))
        }
    }

    mutating func readiness(_ value: Readiness) {
        switch value {
        case .executed: integer(UInt8(0))
        case .alive(let time):
            integer(UInt8(1))
            span(time)
        case .notified: integer(UInt8(2))
        case .forked: integer(UInt8(3))
        case .completed: integer(UInt8(4))
        }
    }

    mutating func giveUp(_ value: GiveUp) {
        switch value {
        case .never: integer(UInt8(0))
        case .earlyExits(let limit):
            integer(UInt8(1))
            integer(Int64(limit))
        case .starts(let limit, let time):
            integer(UInt8(2))
            integer(Int64(limit))
            span(time)
        }
    }

    mutating func restartDelay(_ value: RestartDelay) {
        switch value {
        case .none: integer(UInt8(0))
        case .supervisor: integer(UInt8(1))
        case .afterExit(let time):
            integer(UInt8(2))
            span(time)
        case .sinceStart(let time):
            integer(UInt8(3))
            span(time)
        }
    }

    mutating func policy(_ value: ProgramPolicy) {
        string(value.name)
        integer(Int64(value.priority))
        flag(value.startsAtLoad)
        readiness(value.readiness)
        terminations(value.restartOn)
        terminations(value.success)
        giveUp(value.giveUp)
        restartDelay(value.restartDelay)
        integer(value.stopSignal.number)
        span(value.stopTimeout)
        scope(value.stopScope)
        scope(value.killScope)
        flag(value.endsStragglers)
    }
}

extension StateReader {
    mutating func instant() throws(StateDecodingError) -> Instant {
        Instant(monotonic: try nanoseconds(), boot: try integer(), wall: try integer())
    }

    mutating func span() throws(StateDecodingError) -> TimeSpan {
        let count = try optional { reader throws(StateDecodingError) in try reader.integer(Int64.self) }
        return count.map { .milliseconds($0) } ?? .infinity
    }

    mutating func terminations() throws(StateDecodingError) -> TerminationSet {
        let codes = try list { reader throws(StateDecodingError) in Int32(try reader.integer(UInt8.self)) }
        let signals = try list { reader throws(StateDecodingError) in Int32(try reader.integer(UInt8.self)) }
        let special = TerminationSet.Special(rawValue: try integer())
        let set = TerminationSet.codes(codes).union(.signals(signals.map { Signal(number: $0) })).union(
            .special(special))
        // A set is written in order, each of its members once.
        guard special.isSubset(of: .all), set.exitCodes == codes, set.signalNumbers == signals else { throw invalid }
        return set
    }

    mutating func scope() throws(StateDecodingError) -> SignalScope {
        switch try integer(UInt8.self) {
        case 0: return .main
        case 1: return .processGroup
        case 2: return .everything
        default: throw invalid
        }
    }

    mutating func readiness() throws(StateDecodingError) -> Readiness {
        switch try integer(UInt8.self) {
        case 0: return .executed
        case 1: return .alive(try span())
        case 2: return .notified
        case 3: return .forked
        case 4: return .completed
        default: throw invalid
        }
    }

    mutating func giveUp() throws(StateDecodingError) -> GiveUp {
        switch try integer(UInt8.self) {
        case 0: return .never
        case 1: return .earlyExits(Int(try integer(Int64.self)))
        case 2: return .starts(Int(try integer(Int64.self)), within: try span())
        default: throw invalid
        }
    }

    mutating func restartDelay() throws(StateDecodingError) -> RestartDelay {
        switch try integer(UInt8.self) {
        case 0: return .none
        case 1: return .supervisor
        case 2: return .afterExit(try span())
        case 3: return .sinceStart(try span())
        default: throw invalid
        }
    }

    mutating func policy() throws(StateDecodingError) -> ProgramPolicy {
        var service = Service(name: Setting(try string()), dialect: .supervisor)
        service.priority = Setting(Int(try integer(Int64.self)))
        service.startsAtLoad = Setting(try flag())
        service.readiness = Setting(try readiness())
        service.restartOn = Setting(try terminations())
        service.success = Setting(try terminations())
        service.giveUp = Setting(try giveUp())
        service.restartDelay = Setting(try restartDelay())
        service.stopSignal = Setting(Signal(number: try integer()))
        service.stopTimeout = Setting(try span())
        service.stopScope = Setting(try scope())
        service.killScope = Setting(try scope())
        service.endsStragglers = Setting(try flag())
        return ProgramPolicy(service)
    }
}
