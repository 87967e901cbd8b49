import ServiceModel
import SourceText

/// setrlimit(2) as a shell says it: `ulimit`, which sh(1) of Debian, Alpine and FreeBSD have with these letters.
enum ShellLimits {
    /// The letter and the bytes (or counts) of one unit, by resource.
    private static let letters: [(kind: ResourceKind, letter: String, unit: UInt64)] = [
        (.core, "c", 512), (.cpuTime, "t", 1), (.data, "d", 1024), (.fileSize, "f", 512), (.lockedMemory, "l", 1024),
        (.openFiles, "n", 1), (.processes, "p", 1), (.residentSet, "m", 1024), (.stack, "s", 1024),
        (.addressSpace, "v", 1024),
    ]

    /// One limit as lines of a script that runs under `set -e`, and whether it had to be rounded.
    static func lines(_ kind: ResourceKind, _ limit: ResourceLimit) -> (lines: [String], isRounded: Bool) {
        guard let row = letters.first(where: { $0.kind == kind }) else { return ([], false) }
        var isRounded = false
        func text(_ value: UInt64) -> String {
            if value == .max { return "unlimited" }
            if !value.isMultiple(of: row.unit) { isRounded = true }
            return "\(value / row.unit + (value.isMultiple(of: row.unit) ? 0 : 1))"
        }
        /// The letter of the number of processes is `p` in dash and ash, where bash says `u`.
        func attempts(_ half: String, _ value: String) -> [String] {
            (kind == .processes ? ["p", "u"] : [row.letter]).map { "ulimit \(half)-\($0) \(value)" }
        }
        func line(_ attempts: [String]) -> String {
            guard let only = attempts.first, attempts.count == 1 else {
                return "{ \(attempts.joined(separator: " || ")); } 2>/dev/null"
            }
            return only
        }
        switch (limit.soft?.value, limit.hard?.value) {
        case (nil, nil): return ([], false)
        case (let soft?, nil):
            let lines = [line(attempts("-S ", text(soft)))]
            return (lines, isRounded)
        case (nil, let hard?):
            // Below the soft limit there is no hard one: then both.
            let value = text(hard)
            let lines = [line(attempts("-H ", value) + attempts("", value))]
            return (lines, isRounded)
        case (let soft?, let hard?):
            let both = line(attempts("", text(hard)))
            let lower = line(attempts("-S ", text(soft)))
            return (soft >= hard ? [both] : [both, lower], isRounded)
        }
    }
}

extension InitDraft {
    /// All limits but those that the format says in its own words.
    mutating func limitLines(except native: Set<ResourceKind> = []) -> [String] {
        var lines: [String] = []
        for kind in ResourceKind.allCases where !native.contains(kind) {
            guard let limit = service.limits[kind] else { continue }
            let (more, isRounded) = ShellLimits.lines(kind, limit)
            guard !more.isEmpty else { continue }
            lines += more
            judgeLimit(kind, target: "ulimit", why: isRounded ? "a shell counts in blocks: rounded up" : nil)
        }
        return lines
    }

    /// One verdict for each half that is set.
    mutating func judgeLimit(_ kind: ResourceKind, target: String, why: String? = nil) {
        guard let limit = service.limits[kind] else { return }
        let exceeds = (limit.soft?.value ?? 0) > (limit.hard?.value ?? .max)
        for (field, half) in [(ServiceField.softLimit(kind), limit.soft), (.hardLimit(kind), limit.hard)]
        where half != nil {
            if exceeds {
                log.approximated(field, "limit", target, why: "the soft limit cannot be above the hard one")
            } else if let why {
                log.approximated(field, "limit", target, why: why)
            } else {
                log.exact(field, "limit", target)
            }
        }
    }
}
