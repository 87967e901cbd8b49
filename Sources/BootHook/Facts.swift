import Kernel
import Locations
import ServiceFormats
import ServiceModel
import SourceText

/// What the configuration says that the hook has to know.
struct Facts {
    /// Why it cannot be read; `nil` = it can.
    var problem: String?
    var isMissing = false
    /// Every file of it.
    var files: [String] = []
    var stopTimeout = leastStopTimeout
    /// What a hook grants at least: programs come after the hook, and one with supervisord's defaults must not outgrow it.
    static let leastStopTimeout = TimeSpan.seconds(20)
    var logFile: String?
    /// A supervisor configuration that leaves its log to the daemon.
    var namesNoLog = false
    /// Programs whose command is looked up in PATH, the hook's, and the command.
    var lookedUp: [(program: String, command: String)] = []
    /// Sockets that it names.
    var sockets: Set<String> = []

    /// Reads a configuration of any format. One that is not there (it may be for another machine) gets the time of one
    /// program with supervisord's defaults. `tree`: where the hook is for an image, and the configuration may be in it.
    init<K: SystemCalls>(_ path: String, tree: String = "", _ kernel: K) {
        let path = !tree.isEmpty && isFile(tree + path, kernel) ? tree + path : path
        files = [path]
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try kernel.readFile(path, limit: 64 << 20)
        } catch {
            isMissing = error.number == .noEntry
            problem = isMissing ? "it is not there" : error.number.message
            return
        }
        do throws(Failure) {
            let read = try FormatRegistry.read(InputFile(path: path, bytes: bytes), world: HostWorld(kernel))
            let plan = read.plan ?? FormatRegistry.plan(for: read.services, files: [path])
            files = plan.files.isEmpty ? [path] : plan.files
            stopTimeout = StopBudget.needed(by: plan)
            // Where none is named it is where the daemon puts it, whose working directory is not ours.
            logFile = plan.daemon.logFile
            if logFile == absolutePath("supervisord.log", kernel) {
                logFile = nil
                namesNoLog = true
            }
            let setsPath = { (variables: [EnvironmentVariable]) in variables.contains { $0.name == "PATH" } }
            for service in plan.groups.flatMap(\.services)
            where !setsPath(plan.daemon.environment + service.environment) {
                guard let word = service.command?.value.arguments.first, !word.contains("/"), !word.isEmpty else {
                    continue
                }
                lookedUp.append((service.name.value, word))
            }
            for case .unix(let socket, _, _) in plan.daemon.listeners.map(\.address) { sockets.insert(socket) }
        } catch {
            problem = error.diagnostics.first?.description ?? "it cannot be read"
        }
    }

    static func sockets<K: SystemCalls>(of path: String, _ kernel: K) -> Set<String> { Facts(path, kernel).sockets }
}
