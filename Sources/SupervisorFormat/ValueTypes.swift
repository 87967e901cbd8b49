import ServiceModel
import SourceText

/// The types of values, one function each, with the original's words for what is wrong (supervisord 4.3 `datatypes`).
enum ValueTypes {
    static func integer(_ text: String) throws(BadValue) -> Int {
        do {
            return try PythonText.integer(text)
        } catch {
            switch error {
            case .malformed:
                throw BadValue(
                    "invalid literal for int() with base 10: \(PythonText.repr(text))", remedy: "write a whole number")
            case .tooManyDigits(let count):
                throw BadValue(
                    "Exceeds the limit (4300 digits) for integer string conversion: value has \(count) digits; use "
                        + "sys.set_int_max_str_digits() to increase the limit")
            }
        }
    }

    private static func integerOrNil(_ text: String, base: Int = 10) -> Int? {
        try? PythonText.integer(text, base: base)
    }

    static func boolean(_ text: String) throws(BadValue) -> Bool {
        switch text.lowercased() {
        case "yes", "true", "on", "1": return true
        case "no", "false", "off", "0": return false
        default: throw BadValue("not a valid boolean value: \(PythonText.repr(text))", remedy: "write true or false")
        }
    }

    /// A whole number with `KB`, `MB` or `GB`, in any case.
    static func byteSize(_ text: String) throws(BadValue) -> ByteSize {
        let lower = text.lowercased()
        let shifts = ["kb": 10, "mb": 20, "gb": 30]
        let scalars = lower.unicodeScalars
        let shift = shifts[String(String.UnicodeScalarView(scalars.suffix(2)))]
        let digits = shift == nil ? lower : String(String.UnicodeScalarView(scalars.dropLast(2)))
        let count = try integer(digits)
        let product = Int64(count).multipliedReportingOverflow(by: 1 << (shift ?? 0))
        return ByteSize(bytes: product.overflow ? (count < 0 ? .min : .max) : product.partialValue)
    }

    /// A name with or without SIG, or the number of a signal that has a name. Python's `signal` has more constants whose
    /// names begin so, and the original takes them; that is why 0 is a number.
    static func signal(_ text: String) throws(BadValue) -> Signal {
        if let number = integerOrNil(text) {
            if let small = Int32(exactly: number), small == 0 || Signal(number: small).isKnown {
                return Signal(number: small)
            }
            throw BadValue(
                "value \(PythonText.repr(text)) is not a valid signal number", remedy: "write a name such as TERM")
        }
        let name = PythonText.strip(text).uppercased()
        if let number = handlings[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name] {
            return Signal(number: number)
        }
        guard let signal = Signal(named: name) else {
            throw BadValue(
                "value \(PythonText.repr(text)) is not a valid signal name", remedy: "write a name such as TERM or HUP")
        }
        return signal
    }

    private static let handlings: [String: Int32] = ["_DFL": 0, "_BLOCK": 0, "_IGN": 1, "_UNBLOCK": 1, "_SETMASK": 2]

    static func octal(_ text: String) throws(BadValue) -> UInt32 {
        guard let value = integerOrNil(text, base: 8) else {
            throw BadValue(
                "\(text) can not be converted to an octal type", remedy: "write an octal number such as 022")
        }
        // Only permission bits can ever count.
        return UInt32(truncatingIfNeeded: value) & 0o7777
    }

    static func exitCodes(_ text: String) throws(BadValue) -> [Int] {
        guard !text.isEmpty else { return [] }
        var codes: [Int] = []
        for piece in PythonText.pieces(text, separator: ",") {
            guard let code = integerOrNil(piece), (0...255).contains(code) else {
                throw BadValue(
                    "not a valid list of exit codes: \(PythonText.repr(text))",
                    remedy: "write numbers from 0 to 255 with commas between")
            }
            codes.append(code)
        }
        return codes
    }

    /// When a program that has ended is started again.
    enum AutoRestart { case always, never, unexpected }

    static func autoRestart(_ text: String) throws(BadValue) -> AutoRestart {
        let lower = text.lowercased()
        if lower == "unexpected" { return .unexpected }
        guard let flag = try? boolean(lower) else {
            throw BadValue(
                "invalid 'autorestart' value \(PythonText.repr(lower))", remedy: "write true, false or unexpected")
        }
        return flag ? .always : .never
    }

    static func logLevel(_ text: String) throws(BadValue) -> LogLevel {
        let lower = text.lowercased()
        guard let level = LogLevel.allCases.first(where: { $0.word == lower }) else {
            throw BadValue(
                "bad logging level name \(PythonText.repr(text))",
                remedy: "write one of critical, error, warn, info, debug, trace, blather")
        }
        return level
    }

    /// A name of a process or group: no blank, colon or slash in it.
    static func name(_ text: String) throws(BadValue) -> String {
        let name = PythonText.strip(text)
        for character in [" ", ":", "/"] where name.utf8.contains(character.utf8.first ?? 0) {
            throw BadValue(
                "Invalid name: \(PythonText.repr(text)) because of character: '\(character)'",
                remedy: "name it without blanks, colons and slashes")
        }
        return name
    }

    /// A comma-separated list; blanks around the pieces do not count.
    static func strings(_ text: String) -> [String] {
        text.isEmpty ? [] : PythonText.pieces(text, separator: ",").map { PythonText.strip($0) }
    }

    static func port(_ text: String) throws(BadValue) -> Int {
        let number = try integer(text)
        let shown = PythonText.integer(number, from: text)
        guard number >= 1 else {
            throw BadValue("\(shown) is below lower bound (1)", remedy: "write a port from 1 to 65535")
        }
        guard number <= 65535 else {
            throw BadValue("\(shown) is above upper bound (65535)", remedy: "write a port from 1 to 65535")
        }
        return number
    }

    /// `host:port` or a bare port; `*` and nothing are every interface.
    static func internetAddress(_ text: String) throws(BadValue) -> (host: String, port: Int) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            guard let port = try? port(text) else {
                throw BadValue(
                    "not a valid port number: \(PythonText.repr(text)) ", remedy: "write a port from 1 to 65535")
            }
            return ("", port)
        }
        let tail = String(text[text.utf8.index(after: colon)...])
        guard !tail.isEmpty else {
            throw BadValue("no port number specified in ''", remedy: "write a port, or HOST:PORT")
        }
        let port = try port(tail)
        let host = text[..<colon].lowercased()
        return (host == "*" ? "" : host, port)
    }

    /// The words that a log file key knows beside paths.
    enum LogFile: Hashable {
        case none, automatic, syslog
        case path(String)
    }

    static func logFile(_ text: String) -> LogFile {
        switch text.lowercased() {
        case "none", "off": .none
        case "auto": .automatic
        case "syslog": .syslog
        default: .path(text)
        }
    }

    /// Our own keys' type: systemd.time(7), a bare number is seconds.
    static func timeSpan(_ text: String) throws(BadValue) -> TimeSpan {
        guard let span = TimeSpan(text), span != .infinity else {
            throw BadValue("not a valid time span: \(PythonText.repr(text))", remedy: "write e.g. 10 or 1min 30s")
        }
        return span
    }
}
