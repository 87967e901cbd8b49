#if !canImport(Darwin)
import CPlatform

/// The clocks of Linux, clock_gettime(2).
enum HostClock {
    static let monotonic = CLOCK_MONOTONIC
    static let boot = CLOCK_BOOTTIME
    static let wall = CLOCK_REALTIME
}
#endif
