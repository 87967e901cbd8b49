#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How the terminal treats keys.
struct TerminalMode {
    private var settings: termios

    /// The mode of standard input now; `nil` when it is no terminal.
    init?() {
        settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return nil }
    }

    /// Every key arrives at once and unseen, Ctrl-C as a key; output stays as it is.
    func raw() -> TerminalMode {
        var mode = self
        mode.settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        mode.settings.c_iflag &= ~tcflag_t(IXON | ICRNL)
        withUnsafeMutableBytes(of: &mode.settings.c_cc) { bytes in
            bytes[Int(VMIN)] = 1
            bytes[Int(VTIME)] = 0
        }
        return mode
    }

    /// Lines as ever, but unseen: for passwords.
    func silent() -> TerminalMode {
        var mode = self
        mode.settings.c_lflag &= ~tcflag_t(ECHO)
        return mode
    }

    func apply() {
        var settings = settings
        tcsetattr(0, TCSADRAIN, &settings)
    }
}

/// Ctrl-C outside raw mode.
enum InterruptKey {
    /// It ends the program again, as it does by default.
    static func restore() {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
