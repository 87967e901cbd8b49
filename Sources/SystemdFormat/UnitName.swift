import SourceText

/// Unit names and their escaping (systemd-escape(1)).
package enum UnitName {
    /// Longest name, suffix included.
    package static let longest = 255

    /// A service's name as a unit name without suffix: letters, digits, `:`, `_` and inner dots stay, `-` stays too
    /// because it is no path here; every other byte becomes `\xHH`, as `systemd-escape --mangle` does.
    package static func escape(_ name: String) -> String {
        var result = ""
        for (index, byte) in name.utf8.enumerated() {
            let scalar = Unicode.Scalar(byte)
            let stays =
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ":", "_", "-": true
                case ".": index > 0
                default: false
                }
            if stays {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\x" + Digits.hexadecimal(UInt64(byte), width: 2)
            }
        }
        return result.isEmpty ? "\\x00" : result
    }

    /// Undoes `\xHH`; `nil` bytes and broken escapes stay as they are.
    package static func unescape(_ name: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(name.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 3
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? name
    }
}
