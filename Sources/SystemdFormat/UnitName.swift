import SourceText

/// Unit names and their escaping (systemd-escape(1), systemd.unit(5)).
package enum UnitName {
    /// Longest name, suffix included.
    package static let longest = 255

    /// A service's name as a unit name without suffix, as `systemd-escape --mangle` makes it: letters, digits, `:`, `_`,
    /// `-` and inner dots stay, and one `@` between a template's name and its instance; every other byte becomes `\xHH`.
    /// A name with escapes of other bytes, which `unescape` left alone, stays as it is.
    package static func escape(_ name: String) -> String { isKept(name) ? name : mangled(name) }

    private static func mangled(_ name: String) -> String {
        let parts = name.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let isInstance = parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
        let result = escape(Array(name.utf8)) { byte in
            byte == UInt8(ascii: "-") || isInstance && byte == UInt8(ascii: "@") ? Unicode.Scalar(byte) : nil
        }
        return result.isEmpty ? "\\x00" : result
    }

    /// Any text as a part of a unit's name: `/` becomes `-`, and `-` becomes `\x2d`.
    package static func escapeComponent(_ text: String) -> String {
        escape(Array(text.utf8)) { $0 == UInt8(ascii: "/") ? "-" : nil }
    }

    /// A path as a part of a unit's name: as any text, without slashes at its ends; the root is `-`.
    package static func escapePath(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return parts.isEmpty ? "-" : escapeComponent(parts.joined(separator: "/"))
    }

    private static func escape(_ bytes: [UInt8], _ replaced: (UInt8) -> Unicode.Scalar?) -> String {
        var result = ""
        for (index, byte) in bytes.enumerated() {
            let scalar = Unicode.Scalar(byte)
            let stays =
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ":", "_": true
                case ".": index > 0
                default: false
                }
            if stays {
                result.unicodeScalars.append(scalar)
            } else if let other = replaced(byte) {
                result.unicodeScalars.append(other)
            } else {
                result += "\\x" + Digits.hexadecimal(UInt64(byte), width: 2)
            }
        }
        return result
    }

    /// Undoes what `escape` does. A name that it would not have written stays as it is: `\x2d` in an instance is another
    /// instance than `-`.
    package static func unescape(_ name: String) -> String {
        let text = unescape(name, dashes: false)
        return mangled(text) == name ? text : name
    }

    /// Whether a unit can have the name, though not for what its escapes stand for.
    private static func isKept(_ name: String) -> Bool {
        guard name.utf8.contains(UInt8(ascii: "\\")) else { return false }
        let text = unescape(name, dashes: false)
        let isValid =
            escape(Array(name.utf8)) { byte in
                "-@\\".utf8.contains(byte) ? Unicode.Scalar(byte) : nil
            } == name
        return isValid && text != name && mangled(text) != name
    }

    /// Undoes `escapeComponent`: `-` is a slash.
    package static func unescapeComponent(_ name: String) -> String { unescape(name, dashes: true) }

    private static func unescape(_ name: String, dashes: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = Array(name.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"), rest.count >= 3,
                let value = Digits.hexadecimal(rest.dropFirst().prefix(2))
            {
                bytes.append(UInt8(value))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(dashes && byte == UInt8(ascii: "-") ? UInt8(ascii: "/") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? name
    }

    /// The file name at the end of a path.
    package static func fileName(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Everything up to the last slash, the slash included; empty for a name alone.
    package static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// The kind that a unit's name ends in, and the name without it.
    package static func split(_ name: String) -> (stem: String, kind: UnitKind)? {
        guard let dot = name.lastIndex(of: "."), let kind = UnitKind(rawValue: String(name[name.index(after: dot)...])),
            dot != name.startIndex
        else { return nil }
        return (String(name[..<dot]), kind)
    }

    /// What the units that start a service are called before their suffix where nothing else is said: `web` for
    /// `web.service`, and for `web@.service` too, since what starts a template once for each connection has no `@`.
    package static func starterStem(of service: String) -> String {
        let stem = split(service)?.stem ?? service
        return stem.hasSuffix("@") ? String(stem.dropLast()) : stem
    }

    /// `web@.service` for `web@blue.service`; `nil` for a name without an instance.
    package static func template(of name: String) -> String? {
        guard let at = name.firstIndex(of: "@"), let (stem, kind) = split(name), at != stem.indices.last,
            at != name.startIndex
        else { return nil }
        return "\(stem[...at]).\(kind.rawValue)"
    }

    /// Whether the name is a template's own: `web@.service`.
    package static func isTemplate(_ name: String) -> Bool {
        split(name).map { $0.stem.firstIndex(of: "@") == $0.stem.indices.last } ?? false
    }

    /// The directories of a unit's drop-ins, the most specific first (systemd.unit(5)): the unit's own, its template's,
    /// those of the beginnings of its name that end in a dash, and the one for all units of the kind.
    package static func dropInDirectories(of name: String) -> [String] {
        guard let (stem, kind) = split(name) else { return [] }
        var names = [name]
        if let template = template(of: name) { names.append(template) }
        let prefix = stem.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        for index in prefix.indices.reversed() where prefix[index] == "-" {
            let beginning = String(prefix[...index])
            if beginning.count < prefix.count || stem.contains("@") { names.append("\(beginning).\(kind.rawValue)") }
        }
        return names.map { $0 + ".d" } + [kind.rawValue + ".d"]
    }
}
