/// Places of the hook that differ between the two systems.
enum HookPlaces {
    /// Records of the system's hooks: not in a place that a boot empties.
    static let systemRecords = places.records
    /// Where only root writes. `/usr/local` is Homebrew's on an Intel Mac, and so a user's.
    static let programCopy = places.copy
    /// A file of a user's name there: their manager runs from boot on (loginctl(1), `enable-linger`).
    static let linger = "/var/lib/systemd/linger"

    #if canImport(Darwin)
    private static let places = (
        records: "/var/db/svinstall/hooks", copy: "/Library/PrivilegedHelperTools/org.svinstall.daemon"
    )
    #else
    private static let places = (records: "/var/lib/svinstall/hooks", copy: "/usr/local/lib/svinstall/svinstall")
    #endif
}
