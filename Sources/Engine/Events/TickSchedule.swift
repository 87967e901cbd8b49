package import ServiceModel
import Supervision

/// The beats that listeners can ask for.
package enum TickPeriod: Int64, Hashable, Sendable, CaseIterable {
    case five = 5
    case minute = 60
    case hour = 3600

    package var type: EventType {
        switch self {
        case .five: .tick5
        case .minute: .tick60
        case .hour: .tick3600
        }
    }
}

/// One beat.
package struct Tick: Hashable, Sendable {
    package let period: TickPeriod
    /// Seconds since 1970, a multiple of the period.
    package let when: Int64

    package init(period: TickPeriod, when: Int64) {
        self.period = period
        self.when = when
    }
}

/// When which beat is due, by the wall clock (supervisord 4.3: when the slice of time that the clock is in changes,
/// also backwards; the slice in which the daemon began is not told).
///
/// Only what somebody subscribes to is counted: nobody is woken for a beat that nobody hears.
package struct TickSchedule: Hashable, Sendable {
    private var slices: [TickPeriod: Int64] = [:]

    package init() {}

    /// Reads what `encode` wrote.
    init(decoding reader: inout StateReader) throws(StateDecodingError) {
        let pairs = try reader.list { reader throws(StateDecodingError) in
            (try reader.integer(Int64.self), try reader.integer(Int64.self))
        }
        for (period, slice) in pairs {
            guard let period = TickPeriod(rawValue: period) else { throw reader.invalid }
            slices[period] = slice
        }
    }

    func encode(to writer: inout StateWriter) {
        writer.list(slices.sorted { $0.key.rawValue < $1.key.rawValue }) { writer, pair in
            writer.integer(pair.key.rawValue)
            writer.integer(pair.value)
        }
    }

    private static let second: Int64 = 1_000_000_000
    /// The clock may be set while nobody looks: it is looked at this often at least.
    private static let longestWait = 60 * second

    /// Counts these beats from now on; one that is counted already goes on. `wall`: nanoseconds since 1970.
    package mutating func count(_ periods: Set<TickPeriod>, wall: Int64) {
        slices = slices.filter { periods.contains($0.key) }
        for period in periods where slices[period] == nil { slices[period] = Self.slice(period, wall) }
    }

    /// The beats that have come since the last call, shortest period first.
    package mutating func due(wall: Int64) -> [Tick] {
        TickPeriod.allCases.compactMap { period in
            let slice = Self.slice(period, wall)
            guard let last = slices[period], last != slice else { return nil }
            slices[period] = slice
            return Tick(period: period, when: slice)
        }
    }

    /// How long until it is to be looked again, in nanoseconds; `nil` when no beat is counted.
    package func wait(wall: Int64) -> Int64? {
        slices.keys.map { period in
            min((Self.slice(period, wall) + period.rawValue) * Self.second - wall, Self.longestWait)
        }.min()
    }

    private static func slice(_ period: TickPeriod, _ wall: Int64) -> Int64 {
        let length = period.rawValue * second
        // Rounded down, before 1970 too.
        let number = wall >= 0 ? wall / length : (wall + 1) / length - 1
        return number * period.rawValue
    }
}
