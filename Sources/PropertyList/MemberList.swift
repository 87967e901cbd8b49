import SourceText

/// The members of a dictionary being read: of equal keys the last one counts, in the place of the first.
struct MemberList {
    private(set) var members: [PropertyMember] = []
    /// The key whose value has not come yet.
    private(set) var pendingKey: String?
    private var pendingStretch: PropertyStretch?
    private var places: [ExactText: Int] = [:]
    private var lastPlace = 0

    private static let scanLimit = 12

    /// Offset of the key that waits for its value.
    var pendingStart: UInt32 { pendingStretch?.start.offset ?? 0 }

    /// The member that `finish` wrote last.
    var lastWritten: PropertyMember? { members.indices.contains(lastPlace) ? members[lastPlace] : nil }

    mutating func begin(_ key: String, _ stretch: PropertyStretch) {
        pendingKey = key
        pendingStretch = stretch
    }

    /// Adds the value of the pending key. Returns where the key stood before, when it had.
    mutating func finish(_ value: PropertyNode) -> PropertyPlace? {
        guard let key = pendingKey, let stretch = pendingStretch else { return nil }
        pendingKey = nil
        let member = PropertyMember(key: key, value: value, keyStretch: stretch)
        if let place = place(of: key) {
            let earlier = members[place].keyStretch.start
            members[place] = member
            lastPlace = place
            return earlier
        }
        lastPlace = members.count
        members.append(member)
        if members.count > Self.scanLimit { index() }
        return nil
    }

    private func place(of key: String) -> Int? {
        guard members.count <= Self.scanLimit else { return places[ExactText(key)] }
        for place in members.indices where ExactText.same(members[place].key, key) { return place }
        return nil
    }

    private mutating func index() {
        if places.isEmpty {
            for (place, member) in members.enumerated() { places[ExactText(member.key)] = place }
        } else if let last = members.last {
            places[ExactText(last.key)] = members.count - 1
        }
    }
}

extension Diagnostic {
    /// A key that occurs twice: CoreFoundation keeps the first in a binary file, everybody the last elsewhere.
    static func duplicateKey(_ key: String, at span: SourceSpan?, earlier: PropertyPlace) -> Diagnostic {
        Diagnostic(
            .warning, code: "plist-duplicate-key",
            "key '\(key)' stands already in line \(earlier.line); this one counts",
            remedy: "remove one of them", at: span)
    }
}
