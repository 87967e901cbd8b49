// BootHook, floor 4: installs, verifies, removes the hook that starts svinstall at boot.

package import Kernel

/// A program that is process 1, or close to it, and starts others at boot.
package enum InitSystem: String, Hashable, Sendable, CaseIterable {
    case launchd, systemd
    case openrc, sysv, runit, s6, cron

    /// What people call it.
    package var title: String {
        switch self {
        case .launchd: "launchd"
        case .systemd: "systemd"
        case .openrc: "OpenRC"
        case .sysv: "SysV init"
        case .runit: "runit"
        case .s6: "s6"
        case .cron: "cron"
        }
    }

    /// Whether users have hooks of their own.
    package var hasUserHooks: Bool {
        switch self {
        case .launchd, .systemd, .cron: true
        case .openrc, .sysv, .runit, .s6: false
        }
    }

    /// Who starts things on this machine, or in the tree at `root`; `nil` = nobody that we know.
    package static func detect<K: SystemCalls>(root: String?, _ kernel: K) -> InitSystem? {
        let marks = root == nil ? runningMarks + installedMarks : installedMarks
        return marks.first { (try? kernel.status(of: (root ?? "") + $0.path, followLinks: true)) != nil }?.system
    }

    /// The inits that run on this machine, as far as they leave a mark.
    package static func running<K: SystemCalls>(_ kernel: K) -> [InitSystem] {
        runningMarks.filter { (try? kernel.status(of: $0.path, followLinks: true)) != nil }.map(\.system)
    }

    /// Files that a running init leaves.
    private static let runningMarks: [(path: String, system: InitSystem)] = [
        ("/run/systemd/system", .systemd), ("/System/Library/LaunchDaemons", .launchd),
        ("/run/openrc/softlevel", .openrc), ("/run/runit.stopit", .runit),
    ]

    /// Files that tell which init a system has, running or not; most certain first. cron is the last resort.
    private static let installedMarks: [(path: String, system: InitSystem)] = [
        ("/Library/LaunchDaemons", .launchd), ("/usr/lib/systemd/systemd", .systemd),
        ("/lib/systemd/systemd", .systemd), ("/sbin/openrc-run", .openrc), ("/etc/runit/2", .runit),
        ("/etc/s6-linux-init", .s6), ("/usr/bin/runsvdir", .runit), ("/usr/bin/s6-svscan", .s6),
        ("/usr/sbin/update-rc.d", .sysv), ("/etc/init.d", .sysv), ("/usr/bin/crontab", .cron),
    ]
}

/// The directories in which launchd looks, by launchd.plist(5). We write to the first two.
package enum LaunchdDirectory: String, Hashable, Sendable, CaseIterable {
    /// Agents of one user, in the user's home.
    case userAgents = "Library/LaunchAgents"
    case systemDaemons = "/Library/LaunchDaemons"
    /// Agents of every user, installed by the administrator.
    case allUsersAgents = "/Library/LaunchAgents"
    case appleAgents = "/System/Library/LaunchAgents"
    case appleDaemons = "/System/Library/LaunchDaemons"
}
