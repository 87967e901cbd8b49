import CPlatform
package import SourceText

extension HostKernel {
    package func now() -> Instant {
        Instant(monotonic: svi_monotonic_clock(), boot: svi_boot_clock(), wall: svi_wall_clock())
    }

    package func localTime(wall: Int64) -> CivilTime {
        let seconds = Instant(monotonic: 0, boot: 0, wall: wall).epochSeconds
        var time = time_t(seconds)
        var fields = tm()
        localtime_r(&time, &fields)
        return CivilTime(
            year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday),
            hour: Int(fields.tm_hour), minute: Int(fields.tm_min), second: Int(fields.tm_sec),
            nanosecond: Int(wall - seconds * 1_000_000_000), weekday: Int(fields.tm_wday),
            offset: Int(fields.tm_gmtoff))
    }

    package func sleep(nanoseconds: Int64) {
        guard nanoseconds > 0 else { return }
        var wanted = timespec(
            tv_sec: time_t(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var left = timespec()
        while nanosleep(&wanted, &left) != 0, ErrorNumber.current == .interrupted { wanted = left }
    }
}
