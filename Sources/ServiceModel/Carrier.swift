package import SourceText

extension ForeignSetting {
    /// The setting on one printable ASCII line, for carriers that know only text: `DIALECT KEY.KEY VALUE`, and a second
    /// value where the setting replaces a native key. Blanks, `%`, `;`, `\`, dots inside keys and everything
    /// outside ASCII are percent-encoded, with `~` for `%`, so that no file format finds a meaning in them.
    package var carrierText: String {
        var text = dialect.rawValue + " " + path.map { Self.encode($0, alsoDots: true) }.joined(separator: ".")
        text += " " + Self.field(value)
        if let replaces { text += " " + Self.field(replaces) }
        return text
    }

    /// Reads what `carrierText` wrote; `nil` for any other text.
    package init?(carrierText text: some StringProtocol, at span: SourceSpan? = nil) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 3 || parts.count == 4, let dialect = Dialect(rawValue: String(parts[0])) else {
            return nil
        }
        var path: [String] = []
        for part in parts[1].split(separator: ".", omittingEmptySubsequences: false) {
            guard let key = Self.decode(part) else { return nil }
            path.append(key)
        }
        guard let value = Self.value(parts[2]) else { return nil }
        var replaces: String?
        if parts.count == 4 {
            guard let old = Self.value(parts[3]) else { return nil }
            replaces = old
        }
        self.init(dialect: dialect, path: path, value: value, replaces: replaces, span: span)
    }

    /// `-` is "not there", `=TEXT` is a text.
    private static func field(_ value: String?) -> String {
        value.map { "=" + encode($0, alsoDots: false) } ?? "-"
    }

    private static func value(_ field: some StringProtocol) -> String?? {
        if field == "-" { return .some(nil) }
        guard field.hasPrefix("="), let text = decode(field.dropFirst()) else { return nil }
        return .some(text)
    }

    private static func encode(_ text: String, alsoDots: Bool) -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "~") && byte != UInt8(ascii: "%")
                && byte != UInt8(ascii: ";") && byte != UInt8(ascii: "\\") && !(alsoDots && byte == UInt8(ascii: "."))
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "~" + Digits.hexadecimal(UInt64(byte), width: 2)
            }
        }
        return result
    }

    private static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next(), let low = rest.next(), let value = Digits.hexadecimal([high, low]) else {
                return nil
            }
            bytes.append(UInt8(value))
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
