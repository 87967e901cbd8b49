import SourceText
package import Supervision

/// Under which name a service manager keeps descriptors (sd_notify(3), `FDNAME=`): of visible ASCII but the colon.
///
/// Short, since at the next start all names come in one variable of 128 kB at most (execve(2), `MAX_ARG_STRLEN`), each
/// once for every descriptor.
package enum StoreName: Hashable, Sendable {
    /// What a run needs.
    case run(RunID)
    /// The socket that the programs of a group share.
    case socket(group: String)
    /// What output crosses on its way to the logs; a new one for each daemon.
    case ferry(UInt64)

    /// `nil` for a group of which systemd would take no name.
    package var text: String? {
        switch self {
        case .run(let run): return "+" + Digits.text(run.number, radix: 36)
        case .ferry(let number): return "~" + String(number, radix: 36)
        case .socket(let group):
            let text = "=" + Self.escape(group)
            return text.utf8.count <= 255 ? text : nil
        }
    }

    /// `nil` for one that is none of ours.
    package init?(_ text: some StringProtocol) {
        switch text.first {
        case "+":
            guard let number = UInt64(text.dropFirst(), radix: 36), number > 0 else { return nil }
            self = .run(RunID(number: number))
        case "~":
            guard let number = UInt64(text.dropFirst(), radix: 36) else { return nil }
            self = .ferry(number)
        case "=":
            guard let group = Self.unescape(text.dropFirst()) else { return nil }
            self = .socket(group: group)
        default:
            return nil
        }
    }

    /// Letters, digits and what is as harmless stay; every other byte is `%` and two hexadecimal digits.
    private static func escape(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let character = Character(UnicodeScalar(byte))
            if byte < 128, character.isLetter || character.isNumber || "-._".contains(character) {
                result.append(character)
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }

    private static func unescape(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text)[...]
        while let first = rest.first {
            if first == "%" {
                guard let byte = UInt8(rest.dropFirst().prefix(2), radix: 16) else { return nil }
                bytes.append(byte)
                rest = rest.dropFirst(3)
            } else {
                bytes += Array(String(first).utf8)
                rest = rest.dropFirst()
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
