#if canImport(Darwin) || TYPECHECK_DARWIN
import CPlatform

/// The clocks of Darwin, clock_gettime(3): its CLOCK_MONOTONIC runs on while the machine sleeps, the uptime clock stops.
enum HostClock {
    static let monotonic = CLOCK_UPTIME_RAW
    static let boot = CLOCK_MONOTONIC_RAW
    static let wall = CLOCK_REALTIME
}
#endif
