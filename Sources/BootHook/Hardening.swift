/// systemd's sandboxing as `--harden` adds it. Programs inherit all of it, so each line says what they lose.
package enum Hardening {
    package struct Line: Hashable, Sendable {
        package var key: String
        package var value: String
        /// What programs can no longer do.
        package var loss: String
    }

    package static let settings: [Line] = [
        Line(key: "NoNewPrivileges", value: "yes", loss: "sudo, su, ping and other set-user-ID programs"),
        Line(key: "PrivateTmp", value: "yes", loss: "the machine's /tmp and /var/tmp: they see a /tmp of their own"),
        Line(key: "ProtectSystem", value: "full", loss: "writing below /usr, /boot and /etc"),
        Line(key: "ProtectHome", value: "read-only", loss: "writing below /home, /root and /run/user"),
        Line(key: "ProtectKernelTunables", value: "yes", loss: "writing below /proc/sys and /sys"),
        Line(key: "ProtectKernelModules", value: "yes", loss: "loading kernel modules"),
        Line(key: "ProtectKernelLogs", value: "yes", loss: "reading the kernel's log"),
        Line(key: "ProtectClock", value: "yes", loss: "setting the clock"),
        Line(key: "RestrictSUIDSGID", value: "yes", loss: "making files set-user-ID or set-group-ID"),
        Line(key: "RestrictRealtime", value: "yes", loss: "realtime scheduling"),
        Line(key: "LockPersonality", value: "yes", loss: "running under another architecture's personality"),
    ]
}
