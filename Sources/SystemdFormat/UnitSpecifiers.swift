/// The `%` specifiers of a unit (systemd.unit(5)): those whose value follows from the unit's name and the kind of
/// manager are resolved, those that depend on the machine stay as they are, the rest do not exist.
package struct UnitSpecifiers: Sendable {
    package struct UnknownSpecifier: Error {
        package var letter: Character
    }

    /// The unit's full name, e.g. `web@blue.service`.
    package var unitName: String
    /// Whether the unit is for a user's manager.
    package var isUser: Bool
    /// The absolute path of the unit's file; `nil` where it is not known.
    package var fragmentPath: String?

    package init(unitName: String, isUser: Bool = false, fragmentPath: String? = nil) {
        self.unitName = unitName
        self.isUser = isUser
        self.fragmentPath = fragmentPath
    }

    private var nameWithoutType: String {
        unitName.lastIndex(of: ".").map { String(unitName[..<$0]) } ?? unitName
    }

    private var prefix: String {
        nameWithoutType.firstIndex(of: "@").map { String(nameWithoutType[..<$0]) } ?? nameWithoutType
    }

    /// What stands behind the last dash of the prefix.
    private var lastPart: String {
        prefix.lastIndex(of: "-").map { String(prefix[prefix.index(after: $0)...]) } ?? prefix
    }

    /// A template of its own has no instance: what depends on one stays as it is.
    private var isTemplate: Bool { UnitName.isTemplate(unitName) }

    private var instance: String {
        nameWithoutType.firstIndex(of: "@").map { String(nameWithoutType[nameWithoutType.index(after: $0)...]) } ?? ""
    }

    /// `text` with the specifiers replaced, and those that only the machine can resolve (kept in the text).
    package func resolve(_ text: String) throws(UnknownSpecifier) -> (text: String, unresolved: [String]) {
        guard text.contains("%") else { return (text, []) }
        var result = ""
        var unresolved: [String] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%", let letter = rest.first else {
                result.unicodeScalars.append(scalar)
                continue
            }
            let isLetter = ("a"..."z").contains(letter) || ("A"..."Z").contains(letter)
            if letter == "%" {
                rest.removeFirst()
                result += "%"
            } else if let value = value(of: letter) {
                rest.removeFirst()
                result += value
            } else if isLetter {
                guard Self.machineDependent.contains(letter) else { throw UnknownSpecifier(letter: Character(letter)) }
                rest.removeFirst()
                result += "%" + String(letter)
                unresolved.append("%" + String(letter))
            } else {
                // `50% done`: a percent before anything but a letter is itself.
                result += "%"
            }
        }
        return (result, unresolved)
    }

    private func value(of letter: Unicode.Scalar) -> String? {
        switch letter {
        case "n": return unitName
        case "N": return nameWithoutType
        case "p": return prefix
        case "P": return UnitName.unescapeComponent(prefix)
        case "i": return isTemplate ? nil : instance
        case "I": return isTemplate ? nil : UnitName.unescapeComponent(instance)
        case "j": return lastPart
        case "J": return UnitName.unescapeComponent(lastPart)
        case "f":
            if isTemplate { return nil }
            let path = UnitName.unescapeComponent(instance.isEmpty ? prefix : instance)
            return path.hasPrefix("/") ? path : "/" + path
        case "y": return fragmentPath
        case "Y": return fragmentPath.map { String(UnitName.directory(of: $0).dropLast()) }
        case "T": return "/tmp"
        case "V": return "/var/tmp"
        default: break
        }
        guard !isUser else { return nil }
        return Self.systemManager[letter]
    }

    /// What holds under the system manager.
    private static let systemManager: [Unicode.Scalar: String] = [
        "t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc", "u": "root", "U": "0",
        "g": "root", "G": "0", "h": "/root",
    ]

    private static let machineDependent: Set<Unicode.Scalar> = [
        "H", "l", "q", "m", "b", "v", "a", "o", "w", "W", "B", "M", "A", "s", "d", "y", "Y", "f", "i", "I", "t", "S",
        "C",
        "L", "E", "u", "U", "g", "G", "h",
    ]
}
