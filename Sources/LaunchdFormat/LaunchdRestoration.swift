import PropertyList
import ServiceModel

/// A job to which kept keys come back. A key is found by its path at once: a file can have kept as many as it likes.
struct LaunchdRestoration {
    private typealias Entry = LaunchdEntries.Entry

    /// The job's entries; `nil` where one was taken out.
    private var slots: [LaunchdEntries.Entry?]
    private var places: [[String]: Int]
    /// How many entries there are of each first key: as a value, and as a dictionary of others.
    private var values: [String: Int] = [:]
    private var members: [String: Int] = [:]

    init(_ entries: [LaunchdEntries.Entry]) {
        slots = entries
        places = Dictionary(entries.enumerated().map { ($0.element.path, $0.offset) }, uniquingKeysWith: { a, _ in a })
        for entry in entries { count(entry.path, 1) }
    }

    var entries: [LaunchdEntries.Entry] { slots.compactMap(\.self) }

    /// Whether the job still says of a key what it said when the key was put aside.
    func isUntouched(_ setting: ForeignSetting) -> Bool { text(at: setting.path) == setting.replaces }

    /// Puts one kept launchd key back: only where the job still says what it said when the key was put aside. Returns
    /// whether it did.
    mutating func restore(_ setting: ForeignSetting) -> Bool {
        guard isUntouched(setting) else { return false }
        let place = places[setting.path]
        guard let text = setting.value else {
            if let place {
                slots[place] = nil
                places[setting.path] = nil
                count(setting.path, -1)
            }
            return true
        }
        guard let value = PropertyLiteral.value(text) else { return false }
        if let place {
            slots[place]?.value = value
            return true
        }
        guard !collides(setting.path) else { return false }
        places[setting.path] = slots.count
        slots.append(Entry(path: setting.path, value: value))
        count(setting.path, 1)
        return true
    }

    /// A key cannot be both a value and a dictionary of others.
    private func collides(_ path: [String]) -> Bool {
        guard let first = path.first else { return false }
        return values[first, default: 0] > 0 || path.count == 1 && members[first, default: 0] > 0
    }

    private mutating func count(_ path: [String], _ step: Int) {
        guard let first = path.first else { return }
        if path.count == 1 { values[first, default: 0] += step } else { members[first, default: 0] += step }
    }

    private func text(at path: [String]) -> String? {
        places[path].flatMap { slots[$0] }.map { PropertyLiteral.text($0.value) }
    }

    /// The name of the keys that say one thing together with this one; `nil` for a key that stands alone.
    static func bond(of path: [String]) -> String? {
        switch LaunchdKeys.row(of: path.first ?? "")?.key {
        case "Program", "ProgramArguments": "command"
        case "KeepAlive"
        where path.count == 1 || ["SuccessfulExit", "Crashed", "AfterInitialDemand"].contains(path[1]):
            "start"
        case "OnDemand", "RunAtLoad": "start"
        default: nil
        }
    }
}
