extension Signal {
    /// Name and number of every signal of Linux (signal(7), x86 and ARM).
    #if !canImport(Darwin)
    package static let table: [(name: String, number: Int32)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("BUS", 7), ("FPE", 8),
        ("KILL", 9), ("USR1", 10), ("SEGV", 11), ("USR2", 12), ("PIPE", 13), ("ALRM", 14), ("TERM", 15),
        ("STKFLT", 16), ("CHLD", 17), ("CONT", 18), ("STOP", 19), ("TSTP", 20), ("TTIN", 21), ("TTOU", 22),
        ("URG", 23), ("XCPU", 24), ("XFSZ", 25), ("VTALRM", 26), ("PROF", 27), ("WINCH", 28), ("IO", 29),
        ("PWR", 30), ("SYS", 31), ("RTMIN", 34), ("RTMAX", 64), ("CLD", 17), ("IOT", 6), ("POLL", 29),
    ]
    #else
    /// Name and number of every signal of macOS (sigaction(2)).
    package static let table: [(name: String, number: Int32)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("EMT", 7), ("FPE", 8),
        ("KILL", 9), ("BUS", 10), ("SEGV", 11), ("SYS", 12), ("PIPE", 13), ("ALRM", 14), ("TERM", 15),
        ("URG", 16), ("STOP", 17), ("TSTP", 18), ("CONT", 19), ("CHLD", 20), ("TTIN", 21), ("TTOU", 22),
        ("IO", 23), ("XCPU", 24), ("XFSZ", 25), ("VTALRM", 26), ("PROF", 27), ("WINCH", 28), ("INFO", 29),
        ("USR1", 30), ("USR2", 31), ("IOT", 6),
    ]
    #endif

    package static let user1 = Signal(named: "USR1") ?? Signal(number: 10)
    package static let user2 = Signal(named: "USR2") ?? Signal(number: 12)
    package static let child = Signal(named: "CHLD") ?? Signal(number: 17)
}
