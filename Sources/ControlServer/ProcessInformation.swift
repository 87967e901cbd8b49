import Engine
import Kernel
import SourceText
import Supervision
import XMLRPC

/// `getProcessInfo`: one program as supervisord 4.3 describes it.
struct ProcessInformation: Sendable {
    var program: ProgramSnapshot
    /// Seconds since 1970, clamped; 0 for never.
    var start: Int64
    var stop: Int64
    var now: Int64
    var description: String

    init(_ program: ProgramSnapshot, _ context: MethodContext) {
        self.program = program
        let status = program.status
        start = status.started?.epochSeconds.capped ?? 0
        stop = status.stopped?.epochSeconds.capped ?? 0
        now = context.now.epochSeconds.capped
        description =
            switch status.state {
            case .running:
                "pid \(status.pid), uptime \(Self.elapsed(max(0, now - start)))"
            case .fatal, .backoff:
                status.spawnError.isEmpty ? "unknown error (try \"tail \(status.name)\")" : status.spawnError
            case .stopped, .exited:
                status.started == nil ? "Not started" : Self.clock(context.civilTime(status.stopped?.wall ?? 0))
            case .starting, .stopping, .unknown:
                ""
            }
    }

    /// Members in the order in which supervisord's dictionary has them.
    func write(into writer: inout XMLRPCWriter) {
        let status = program.status
        let output = program.outputLog ?? ""
        writer.structure {
            $0.member("name", status.name)
            $0.member("group", status.group)
            $0.member("start", start)
            $0.member("stop", stop)
            $0.member("now", now)
            $0.member("state", Int64(status.state.rawValue))
            $0.member("statename", status.state.name)
            $0.member("spawnerr", status.spawnError)
            $0.member("exitstatus", Int64(status.exitStatus))
            $0.member("logfile", output)
            $0.member("stdout_logfile", output)
            $0.member("stderr_logfile", program.errorLog ?? "")
            $0.member("pid", Int64(status.pid))
            $0.member("description", description)
        }
    }

    /// A duration in seconds as Python shows it: `0:00:05`, `1 day, 1:01:01`, `2 days, 0:00:05`.
    static func elapsed(_ seconds: Int64) -> String {
        let days = seconds / 86_400
        let minutes = Digits.decimal(seconds / 60 % 60, width: 2)
        let time = "\(seconds / 3600 % 24):\(minutes):\(Digits.decimal(seconds % 60, width: 2))"
        return switch days {
        case 0: time
        case 1: "1 day, \(time)"
        default: "\(days) days, \(time)"
        }
    }

    /// strftime's `%b %d %I:%M %p`: `Nov 22 08:36 AM`.
    static func clock(_ time: CivilTime) -> String {
        func two(_ value: Int) -> String { Digits.decimal(Int64(value), width: 2) }
        let hour = time.hour % 12 == 0 ? 12 : time.hour % 12
        return "\(time.monthName) \(two(time.day)) \(two(hour)):\(two(time.minute)) \(time.hour < 12 ? "AM" : "PM")"
    }
}
