#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Flushes what was printed and ends with `status`.
func endProcess(_ status: Int32) -> Never {
    exit(status)
}
