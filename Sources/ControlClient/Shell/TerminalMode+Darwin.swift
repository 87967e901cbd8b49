import Kernel
import SourceText
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How the terminal at standard input treats keys. Whoever changes it must have `TerminalMode.restore()` called on every
/// way out.
struct TerminalMode: Sendable {
    private var settings: termios

    /// As it was before we changed anything; `nil` when nothing is changed.
    private static let original = Mutex<TerminalMode?>(nil)

    /// The mode now; `nil` when standard input is no terminal.
    init?() {
        settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return nil }
    }

    /// Every key arrives at once and unseen, but those that send signals; output stays as it is.
    func raw() -> TerminalMode {
        var mode = self
        mode.settings.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        mode.settings.c_iflag &= ~tcflag_t(IXON | ICRNL)
        withUnsafeMutableBytes(of: &mode.settings.c_cc) { bytes in
            bytes[Int(VMIN)] = 1
            bytes[Int(VTIME)] = 0
        }
        return mode
    }

    /// Puts a changed mode into force.
    func apply() {
        Self.original.withLock { if $0 == nil { $0 = TerminalMode() } }
        set()
    }

    /// Puts back what was in force before.
    static func restore() {
        let mode = original.withLock { mode in
            defer { mode = nil }
            return mode
        }
        mode?.set()
    }

    private func set() {
        var settings = settings
        tcsetattr(0, TCSADRAIN, &settings)
    }
}

/// Signals to this very process.
enum OwnSignals {
    /// Those that end a program, in the order of their keys' fame.
    static let ending: [Signal] = [.interrupt, .terminate, .hangUp, .quit]
    /// Ctrl-Z, and the way back.
    static let stop = Signal(named: "TSTP")
    static let goOn = Signal(named: "CONT")

    /// Lets signals act again that `blockSignals` held back.
    static func unblock(_ signals: [Signal]) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.number) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Lets a signal that was noticed do what it would have done: the terminal is as it was by then. Where a Swift
    /// toolchain is installed its backtracer would catch SIGQUIT, and ask questions.
    static func deliver(_ noticed: Signal) {
        TerminalMode.restore()
        // All zero: the default.
        var action = sigaction()
        sigaction(noticed.number, &action, nil)
        kill(getpid(), noticed.number)
        unblock([noticed])
    }

    /// Ctrl-C while a command runs leaves the shell in peace: a line end, status 0 (supervisorctl 4.3). Does nothing
    /// where the signal is ignored, as in a script's background.
    static func endShellOnInterrupt() {
        guard !HostKernel.ignores(.interrupt) else { return }
        signal(SIGINT) { _ in
            var newline = UInt8(ascii: "\n")
            _ = write(1, &newline, 1)
            _exit(0)
        }
    }
}
