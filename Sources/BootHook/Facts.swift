import Kernel
import Locations
import ServiceFormats
import ServiceModel
import SourceText

/// What the configuration says that the hook has to know.
struct Facts {
    /// Why it cannot be read; `nil` = it can.
    var problem: String?
    /// Every file of it.
    var files: [String] = []
    var stopTimeout = leastStopTimeout
    /// What a hook grants at least: programs come after the hook, and one with supervisord's defaults must not outgrow it.
    static let leastStopTimeout = TimeSpan.seconds(20)
    var logFile: String?
    /// Sockets that it names.
    var sockets: Set<String> = []

    /// Reads a configuration of any format. One that is not there (it may be for another machine) gets the time of one
    /// program with supervisord's defaults.
    init<K: SystemCalls>(_ path: String, _ kernel: K) {
        files = [path]
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try kernel.readFile(path, limit: 64 << 20)
        } catch {
            problem = error.number == .noEntry ? "it is not there" : error.number.message
            return
        }
        do throws(Failure) {
            let read = try FormatRegistry.read(InputFile(path: path, bytes: bytes), world: HostWorld(kernel))
            let plan = read.plan ?? FormatRegistry.plan(for: read.services, files: [path])
            files = plan.files.isEmpty ? [path] : plan.files
            stopTimeout = StopBudget.needed(by: plan)
            // Where none is named it is in the daemon's working directory, and that is not ours.
            if let log = plan.daemon.logFile, log != absolutePath("supervisord.log", kernel) { logFile = log }
            for case .unix(let socket, _, _) in plan.daemon.listeners.map(\.address) { sockets.insert(socket) }
        } catch {
            problem = error.diagnostics.first?.description ?? "it cannot be read"
        }
    }

    static func sockets<K: SystemCalls>(of path: String, _ kernel: K) -> Set<String> { Facts(path, kernel).sockets }
}
