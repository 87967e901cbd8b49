import SourceText

/// What the text of `<integer>`, `<real>` and `<date>` means (see the edge cases in the tests).
enum PropertyScalars {
    /// Why a text is no such value.
    struct Complaint: Error, Hashable {
        var message: String
        var remedy: String?
    }

    /// A value and, where other readers see it differently, what to warn of.
    struct Reading<Value> {
        var value: Value
        var warning: Complaint?
    }

    /// Text in the memory of its file.
    typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 9 && byte <= 13) }

    /// The text without blanks at its ends, which CoreFoundation refuses and the others skip.
    private static func trim(_ text: Bytes, _ kind: String) -> (Bytes, Complaint?) {
        var slice = text.drop(while: isBlank)
        while let last = slice.last, isBlank(last) { slice.removeLast() }
        guard slice.count < text.count else { return (text, nil) }
        return (
            slice,
            Complaint(
                message: "blanks around the \(kind) make the file unreadable for CoreFoundation",
                remedy: "remove them")
        )
    }

    private static func quoted(_ text: Bytes) -> String {
        let shown = String(decoding: text.prefix(60), as: UTF8.self)
        return text.count > 60 ? "'\(shown)…'" : "'\(shown)'"
    }

    /// A whole number of plain decimal digits, which nearly every one is; nil for all that needs a closer look.
    static func plainInteger(_ text: UnsafeBufferPointer<UInt8>) -> PropertyInteger? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard (1...18).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else {
            return nil
        }
        var magnitude: UInt64 = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            magnitude = magnitude * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return PropertyInteger(magnitude: magnitude, isNegative: isNegative)
    }

    /// A whole number: decimal or `0x` hexadecimal with an optional sign, from -2^63 to 2^64-1.
    static func integer(_ text: Bytes) throws(Complaint) -> Reading<PropertyInteger> {
        var (digits, warning) = trim(text, "integer")
        guard !digits.isEmpty else {
            throw Complaint(message: "empty integer", remedy: "write a number, such as <integer>0</integer>")
        }
        let whole = digits
        let sign = digits.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits.removeFirst() }
        var radix: UInt64 = 10
        if digits.count > 2, digits.first == UInt8(ascii: "0"),
            digits[digits.startIndex + 1] | 0x20 == UInt8(ascii: "x")
        {
            radix = 16
            digits = digits.dropFirst(2)
        } else if digits.count > 1, digits.first == UInt8(ascii: "0") {
            warning = Complaint(
                message: "\(quoted(whole)) is read as a decimal number, not an octal one",
                remedy: "write the decimal number without the leading zero")
        }
        guard !digits.isEmpty else { throw notInteger(whole) }
        var magnitude: UInt64 = 0
        for byte in digits {
            guard let digit = Digits.value(ofHexadecimal: byte).map(UInt64.init), digit < radix else {
                throw notInteger(whole)
            }
            let (product, tooFar) = magnitude.multipliedReportingOverflow(by: radix)
            let (sum, overflow) = product.addingReportingOverflow(digit)
            guard !tooFar, !overflow else { throw outOfRange(whole) }
            magnitude = sum
        }
        guard let value = PropertyInteger(magnitude: magnitude, isNegative: sign == UInt8(ascii: "-")) else {
            throw outOfRange(whole)
        }
        return Reading(value: value, warning: warning)
    }

    private static func notInteger(_ text: Bytes) -> Complaint {
        Complaint(
            message: "\(quoted(text)) is not an integer", remedy: "write decimal digits, or 0x and hexadecimal ones")
    }

    private static func outOfRange(_ text: Bytes) -> Complaint {
        Complaint(message: "integer \(quoted(text)) is outside -2^63 to 2^64-1")
    }

    /// A real number: decimal with optional fraction and exponent, or `nan`, `inf`, `infinity` in any case.
    static func real(_ text: Bytes) throws(Complaint) -> Reading<Double> {
        let (body, warning) = trim(text, "real")
        guard !body.isEmpty else { throw Complaint(message: "empty real", remedy: "write a number, such as 0.5") }
        var rest = body
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        switch String(decoding: rest.prefix(9), as: UTF8.self).lowercased() {
        case "nan": return Reading(value: .nan, warning: warning)
        case "inf", "infinity": return Reading(value: isNegative ? -.infinity : .infinity, warning: warning)
        default: break
        }
        guard isDecimal(rest), let value = Double(String(decoding: body, as: UTF8.self)) else {
            throw Complaint(
                message: "\(quoted(body)) is not a real number", remedy: "write digits with a point, such as 1.5")
        }
        guard value.isFinite else {
            throw Complaint(message: "real \(quoted(body)) is too large", remedy: "write a smaller one, or inf")
        }
        return Reading(value: value, warning: warning)
    }

    /// `1`, `1.5`, `.5`, `1.`, each with an optional exponent; without sign.
    static func isDecimal(_ text: Bytes) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
        let whole = text.prefix(while: isDigit)
        var rest = text.dropFirst(whole.count)
        var digits = whole.count
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            digits += fraction.count
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard digits > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark | 0x20 == UInt8(ascii: "e") else { return false }
        rest.removeFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    /// `YYYY-MM-DDThh:mm:ssZ`, nothing more and nothing less; days that do not exist are refused (others roll over).
    static func date(_ text: Bytes) throws(Complaint) -> PropertyDate {
        let isWellFormed = text.elementsEqual(dateShape) { byte, expected in
            expected == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == expected
        }
        guard isWellFormed else {
            throw Complaint(
                message: "\(quoted(text)) is not a date", remedy: "write it as YYYY-MM-DDThh:mm:ssZ, in UTC")
        }
        func two(_ place: Int) -> Int {
            Int(text[text.startIndex + place] & 15) * 10 + Int(text[text.startIndex + place + 1] & 15)
        }
        guard
            let date = PropertyDate(
                year: two(0) * 100 + two(2), month: two(5), day: two(8), hour: two(11), minute: two(14), second: two(17)
            )
        else {
            throw Complaint(
                message: "there is no such date as \(quoted(text))", remedy: "write a day and an hour that exist")
        }
        return date
    }

    private static let dateShape = Array("0000-00-00T00:00:00Z".utf8)
}
