import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

// What whoever started us is told (sd_notify(3)), and how long it lets us stop.
extension Engine {
    private static var second: Int64 { 1_000_000_000 }

    var hasServiceManager: Bool { notifySocket != nil }

    /// Tells whoever started us, when it asked to be told.
    func tellServiceManager(_ message: String) {
        guard hasServiceManager else { return }
        pool.submit(lane: Lane.notices) { [kernel] in _ = try? kernel.notifyServiceManager(message) }
    }

    /// `2 of 3 running`
    var statusLine: String {
        let programs = publisher.snapshot.programs
        let running = programs.count { $0.status.state == .running }
        return "\(running) of \(programs.count) running"
    }

    /// Nobody keeps what our programs need any more, nor starts us again: they must not outlive us.
    func holderEnded() {
        if let watched = watchedHolder { loop.poller.unwatchExit(of: watched) }
        watchedHolder = nil
        log(.critical, "the process that holds the descriptors has ended: so do we")
        received(.terminate)
    }

    /// The first message: the configuration is loaded and the sockets answer.
    func tellReady() {
        guard hasServiceManager else { return }
        toldStatus = statusLine
        tellServiceManager("READY=1\nMAINPID=\(kernel.processID)\nSTATUS=\(toldStatus)")
        keepWatchdogQuiet()
    }

    /// At most once a second: a thousand programs come up in one.
    func tellStatus() {
        guard hasServiceManager, statusTimer == nil, machine.daemonState == .running, statusLine != toldStatus else {
            return
        }
        statusTimer = loop.timers.set(at: kernel.now().monotonic + Self.second, token: TimerToken.status.number)
    }

    func statusIsDue() {
        statusTimer = nil
        guard machine.daemonState == .running, statusLine != toldStatus else { return }
        toldStatus = statusLine
        tellServiceManager("STATUS=\(toldStatus)")
    }

    /// systemd's watchdog, at half of its interval; never more often than that.
    func keepWatchdogQuiet() {
        guard hasServiceManager, let text = kernel.variable("WATCHDOG_USEC"), let interval = Int64(text),
            interval > 0, interval < Int64.max / 1000
        else { return }
        let owner = kernel.variable("WATCHDOG_PID").flatMap { Int32($0) }
        guard owner == nil || owner == kernel.processID else { return }
        tellServiceManager("WATCHDOG=1")
        _ = loop.timers.set(at: kernel.now().monotonic + interval * 1000 / 2, token: TimerToken.watchdog.number)
    }

    /// The way down begins: who can wait longer is asked to, and with everybody else we keep to the time we have.
    func tellStopping() {
        guard machine.daemonState != .restarting else {
            // A restart in the same process: for systemd the service never stopped.
            return tellServiceManager("RELOADING=1\nMONOTONIC_USEC=\(kernel.now().monotonic / 1000)\nSTATUS=Restarting")
        }
        var message = "STOPPING=1\nSTATUS=Stopping programs"
        let needed = StopBudget.needed(by: configuration.active.values)
        if hasServiceManager {
            // Ten years stand for ever.
            let microseconds = (needed.finiteMilliseconds ?? 315_360_000_000).multipliedReportingOverflow(by: 1000)
            message += "\nEXTEND_TIMEOUT_USEC=\(microseconds.overflow ? .max : microseconds.partialValue)"
            tellServiceManager(message)
        }
        // A holder passes on what we say; whether anybody listens to it nobody knows.
        if !hasServiceManager || kernel.holder != nil, let time = shutdownTimeout?.finiteNanoseconds {
            let now = kernel.now().monotonic
            // The last quarter, five seconds at most, is for all that are left together.
            let together = max(time - min(time / 4, 5 * Self.second), 0)
            let last = max(time - min(time / 10, Self.second), 0)
            _ = loop.timers.set(at: now + together, token: TimerToken.hurry.number)
            _ = loop.timers.set(at: now + last, token: TimerToken.overdue.number)
        }
    }
}
