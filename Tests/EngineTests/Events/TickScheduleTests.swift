import Engine
import Testing

/// When ticks come.
@Suite struct TickScheduleTests {
    static let second: Int64 = 1_000_000_000

    @Test func theBeatInWhichItBeginsIsNotTold() {
        var schedule = TickSchedule()
        schedule.count([.five], wall: 13 * Self.second)
        #expect(schedule.due(wall: 14 * Self.second) == [])
        #expect(schedule.due(wall: 15 * Self.second) == [Tick(period: .five, when: 15)])
        #expect(schedule.due(wall: 16 * Self.second) == [])
    }

    @Test func beatsAreMultiplesOfTheirPeriod() {
        var schedule = TickSchedule()
        schedule.count([.five, .minute, .hour], wall: 7199 * Self.second)
        #expect(
            schedule.due(wall: 7201 * Self.second) == [
                Tick(period: .five, when: 7200), Tick(period: .minute, when: 7200), Tick(period: .hour, when: 7200),
            ])
    }

    @Test func aMissedBeatIsNotMadeUpFor() {
        var schedule = TickSchedule()
        schedule.count([.five], wall: 0)
        #expect(schedule.due(wall: 104 * Self.second) == [Tick(period: .five, when: 100)])
    }

    @Test func aClockThatIsSetBackBeatsToo() {
        var schedule = TickSchedule()
        schedule.count([.minute], wall: 600 * Self.second)
        #expect(schedule.due(wall: 590 * Self.second) == [Tick(period: .minute, when: 540)])
    }

    @Test func whatNobodyHearsWakesNobody() {
        var schedule = TickSchedule()
        #expect(schedule.wait(wall: 0) == nil)
        schedule.count([.five], wall: 0)
        schedule.count([], wall: 0)
        #expect(schedule.wait(wall: 0) == nil)
        #expect(schedule.due(wall: 1000 * Self.second) == [])
    }

    @Test func aBeatThatIsCountedAlreadyGoesOn() {
        var schedule = TickSchedule()
        schedule.count([.five], wall: 0)
        schedule.count([.five, .minute], wall: 6 * Self.second)
        #expect(schedule.due(wall: 6 * Self.second) == [Tick(period: .five, when: 5)])
    }

    @Test(arguments: [
        (0, TickPeriod.five, 5), (4_999_999_999, .five, 0), (5_000_000_000, .five, 5), (0, .minute, 60),
        (0, .hour, 60), (3599_000_000_000, .hour, 1),
    ]) func itWaitsForTheNextBeatButNotLongerThanAMinute(_ wall: Int64, _ period: TickPeriod, _ seconds: Int64) {
        var schedule = TickSchedule()
        schedule.count([period], wall: wall)
        let wait = schedule.wait(wall: wall) ?? -1
        #expect(wait / Self.second == seconds && wait > 0)
    }
}
