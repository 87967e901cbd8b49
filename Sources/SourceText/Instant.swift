/// One moment, seen on three clocks. Whoever decides by time is handed one; nobody below the kernel reads a clock.
package struct Instant: Hashable, Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC: stands still while the machine sleeps. Deadlines and uptimes.
    package var monotonic: Int64
    /// Nanoseconds since boot, sleep included (CLOCK_BOOTTIME; on Darwin the continuous clock). Schedules.
    package var boot: Int64
    /// Nanoseconds since 1970-01-01T00:00:00Z; may step. For people: log lines, `start`, `stop`.
    package var wall: Int64

    package init(monotonic: Int64, boot: Int64, wall: Int64) {
        self.monotonic = monotonic
        self.boot = boot
        self.wall = wall
    }

    /// All clocks advanced by the same time, as when nobody sleeps or steps the clock.
    package func advanced(nanoseconds: Int64) -> Instant {
        Instant(monotonic: monotonic + nanoseconds, boot: boot + nanoseconds, wall: wall + nanoseconds)
    }

    /// Whole seconds since 1970, rounded down.
    package var epochSeconds: Int64 { wall >= 0 ? wall / 1_000_000_000 : (wall - 999_999_999) / 1_000_000_000 }
}

extension TimeSpan {
    /// Nanoseconds, saturated; `nil` for infinity.
    package var finiteNanoseconds: Int64? {
        guard let count = finiteMilliseconds else { return nil }
        let product = count.multipliedReportingOverflow(by: 1_000_000)
        return product.overflow ? (count < 0 ? .min : .max) : product.partialValue
    }
}
