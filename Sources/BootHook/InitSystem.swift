// BootHook, floor 4: installs, verifies, removes the hook that starts svinstall at boot.

package import Kernel
import Locations

/// A program that is process 1, or close to it, and starts others at boot.
package enum InitSystem: String, Hashable, Sendable, CaseIterable {
    case launchd, systemd
    case openrc, sysv, runit, s6, cron

    /// Whether we can write its hook; the others are known by name so that the answer can say "not yet".
    package var isSupported: Bool { self == .launchd || self == .systemd }

    /// Who starts things on this machine, or in the tree at `root`; `nil` = nobody that we know.
    package static func detect<K: SystemCalls>(root: String?, _ kernel: K) -> InitSystem? {
        let marks: [(path: String, system: InitSystem)] =
            root == nil
            ? [("/run/systemd/system", .systemd), ("/System/Library/LaunchDaemons", .launchd)] + installedMarks
            : installedMarks
        return marks.first { (try? kernel.status(of: (root ?? "") + $0.path, followLinks: true)) != nil }?.system
    }

    /// Files that tell which init a system has, running or not; most certain first.
    private static let installedMarks: [(path: String, system: InitSystem)] = [
        ("/Library/LaunchDaemons", .launchd), ("/usr/lib/systemd/systemd", .systemd),
        ("/lib/systemd/systemd", .systemd), ("/sbin/openrc-run", .openrc), ("/usr/bin/runsvdir", .runit),
        ("/usr/bin/s6-svscan", .s6), ("/etc/init.d", .sysv),
    ]
}

/// Where a hook's file lies and what it must look like.
package struct Placement: Hashable, Sendable {
    package var path: String
    /// Permission bits; launchd refuses a plist that group or others may write (launchd.plist(5)).
    package var mode: UInt32 = 0o644
    /// The owner is root for the system's hooks, else the user.
    package var ownedByRoot: Bool
    /// Symbolic links that enable the hook: path and target.
    package var links: [Link] = []

    package struct Link: Hashable, Sendable {
        package var path: String
        package var target: String
    }
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

extension Hook {
    /// The place of the hook's file, without the root of a tree.
    package var placement: Placement {
        switch (system, scope) {
        case (.launchd, .user):
            Placement(path: "\(home)/\(LaunchdDirectory.userAgents.rawValue)/\(label).plist", ownedByRoot: false)
        case (.launchd, .system):
            Placement(path: "\(LaunchdDirectory.systemDaemons.rawValue)/\(label).plist", ownedByRoot: true)
        case (_, .user):
            unit(in: "\(home)/.config/systemd/user", wantedBy: "default.target", ownedByRoot: false)
        case (_, .system):
            unit(in: "/etc/systemd/system", wantedBy: "multi-user.target", ownedByRoot: true)
        }
    }

    /// A unit and the link that `systemctl enable` would make.
    private func unit(in directory: String, wantedBy target: String, ownedByRoot: Bool) -> Placement {
        let file = "\(directory)/\(label).service"
        return Placement(
            path: file, ownedByRoot: ownedByRoot,
            links: [.init(path: "\(directory)/\(target).wants/\(label).service", target: "../\(label).service")])
    }
}
