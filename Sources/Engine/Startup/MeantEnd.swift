import Kernel
import SourceText

/// An end that is not to be followed by a start, told to a parent that starts us again after any end.
///
/// supervise-daemon(8) of OpenRC is such a one and has no setting against it. Asked to end, it ends with us, and OpenRC
/// knows the service as stopped. systemd, launchd, runit and s6 look at our exit status themselves.
enum MeantEnd {
    /// As the kernel keeps names of processes: 15 bytes (proc(5)).
    private static let respawningParent = "supervise-daemo\n"

    /// 0: somebody asked for it. 78: the configuration is wrong, and no restart mends that (sysexits(3)).
    static func isMeant(_ code: Int32) -> Bool { code == 0 || code == 78 }

    static func tellParent(_ kernel: some SystemCalls) {
        let parent = kernel.parentProcessID
        guard parent > 1, let name = try? kernel.readFile("/proc/\(parent)/comm", limit: 64),
            String(decoding: name, as: UTF8.self) == respawningParent
        else { return }
        do throws(SystemError) {
            try kernel.signal(pid: parent, .terminate)
        } catch {
            // A daemon that gave up root's rights has no say over root's processes.
            let text = "svinstall: OpenRC will start it again (\(error)); 'rc-service NAME stop' keeps it down\n"
            try? kernel.writeAll(.standardError, Array(text.utf8))
        }
    }
}
