import SourceText

/// Python's `%` formatting of a text against a dictionary (CPython 3.11 `str % dict`), the language of expansions.
package enum PercentFormat {
    /// What a name stands for.
    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
    }

    /// Why a text is not formatted.
    package enum FormatError: Error, Hashable {
        /// The name is not in the dictionary.
        case missing(String)
        /// Anything else, in Python's words.
        case malformed(String)
    }

    /// A result longer than this is refused: widths must not turn a small file into a large memory.
    package static let longestResult = 16 << 20
    /// Widths and precisions above this are refused.
    private static let largestWidth = 1 << 16

    /// - Parameters:
    ///   - template: the text; returned as it is when there is no `%` in it.
    ///   - lookup: the dictionary.
    ///   - wholeDictionary: what `%s` without a name shows.
    package static func format(
        _ template: String, lookup: (String) -> Value?, wholeDictionary: () -> String
    ) throws(FormatError) -> String {
        guard template.utf8.contains(UInt8(ascii: "%")) else { return template }
        if let simple = try simple(template, lookup) { return simple }
        var scanner = Scanner(scalars: Array(template.unicodeScalars))
        var result = String.UnicodeScalarView()
        var length = 0
        while let scalar = scanner.next() {
            guard scalar == "%" else {
                result.append(scalar)
                length += 1
                continue
            }
            let piece = try scanner.conversion(lookup, wholeDictionary)
            length += piece.unicodeScalars.count
            guard length <= longestResult else { throw .malformed("the result is too long") }
            result.append(contentsOf: piece.unicodeScalars)
        }
        return String(result)
    }

    /// The everyday case, `%(name)s` and `%%` with short values, without the machinery; `nil` for anything else.
    private static func simple(_ template: String, _ lookup: (String) -> Value?) throws(FormatError) -> String? {
        var result: [UInt8] = []
        var rest = template.utf8[...]
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            result += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            if rest.first == UInt8(ascii: "%") {
                result.append(UInt8(ascii: "%"))
                rest = rest[rest.index(after: rest.startIndex)...]
                continue
            }
            guard rest.first == UInt8(ascii: "("), let end = rest.firstIndex(of: UInt8(ascii: ")")) else { return nil }
            let name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            guard rest.first == UInt8(ascii: "s"), !name.contains(UInt8(ascii: "(")) else { return nil }
            rest = rest[rest.index(after: rest.startIndex)...]
            let text = String(Substring(name))
            guard let value = lookup(text) else { throw .missing(text) }
            switch value {
            case .text(let text): result += text.utf8
            case .number(let number): result += String(number).utf8
            }
            guard result.count < longestResult else { return nil }
        }
        result += rest
        return String(decoding: result, as: UTF8.self)
    }

    /// Where a conversion gets its value from when it bears no name.
    private enum Unnamed { case dictionary, exhausted }

    /// Flags, width and precision of one conversion.
    private struct Shape {
        var alternate = false
        var zero = false
        var left = false
        var sign: Unicode.Scalar?
        var width = 0
        var precision: Int?

        /// What is more than we make room for; Python would.
        var excess: String? {
            if width > largestWidth { return "width" }
            return precision ?? 0 > largestWidth ? "precision" : nil
        }

        mutating func limit() {
            width = min(width, largestWidth)
            precision = precision.map { min($0, largestWidth) }
        }
    }

    private enum Argument {
        case value(Value)
        case dictionary

        /// Python's name of the type.
        var type: String {
            switch self {
            case .value(.text): "str"
            case .value(.number): "int"
            case .dictionary: "dict"
            }
        }
    }

    private struct Scanner {
        let scalars: [Unicode.Scalar]
        var index = 0
        var unnamed = Unnamed.dictionary

        init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

        mutating func next() -> Unicode.Scalar? {
            guard index < scalars.count else { return nil }
            defer { index += 1 }
            return scalars[index]
        }

        /// Everything after a `%`.
        mutating func conversion(
            _ lookup: (String) -> Value?, _ wholeDictionary: () -> String
        ) throws(FormatError) -> String {
            guard var scalar = next() else { throw .malformed("incomplete format") }
            if scalar == "%" { return "%" }
            var named: Value?
            if scalar == "(" {
                let name = try key()
                guard let value = lookup(name) else { throw .missing(name) }
                named = value
                // A named conversion leaves nothing behind for one without a name.
                unnamed = .exhausted
                scalar = try more()
            }
            var shape = Shape()
            flags: while true {
                switch scalar {
                case "-": shape.left = true
                case "+": shape.sign = "+"
                case " ": if shape.sign == nil { shape.sign = " " }
                case "#": shape.alternate = true
                case "0": shape.zero = true
                default: break flags
                }
                scalar = try more()
            }
            shape.width = try number(&scalar, "width", named, upTo: .max) ?? 0
            if scalar == "." {
                scalar = try more()
                shape.precision = try number(&scalar, "precision", named, upTo: Int(Int32.max)) ?? 0
            }
            if scalar == "h" || scalar == "l" || scalar == "L" { scalar = try more() }
            let argument = try argument(named, scalar)
            let excess = shape.excess
            shape.limit()
            let text = try convert(scalar, shape, argument, wholeDictionary)
            // Only what is right in every other respect is too big.
            if let excess { throw .malformed("\(excess) too big") }
            return text
        }

        private mutating func more() throws(FormatError) -> Unicode.Scalar {
            guard let scalar = next() else { throw .malformed("incomplete format") }
            return scalar
        }

        /// A name in parentheses, which may nest.
        private mutating func key() throws(FormatError) -> String {
            var depth = 1
            var name = String.UnicodeScalarView()
            while let scalar = next() {
                if scalar == "(" { depth += 1 }
                if scalar == ")" { depth -= 1 }
                if depth == 0 { return String(name) }
                name.append(scalar)
            }
            throw .malformed("incomplete format key")
        }

        /// A width or a precision, each with Python's limit; `*` would need a tuple, which a dictionary is not.
        private mutating func number(
            _ scalar: inout Unicode.Scalar, _ what: String, _ named: Value?, upTo limit: Int
        ) throws(FormatError) -> Int? {
            if scalar == "*" {
                if named == nil, unnamed == .exhausted {
                    throw .malformed("not enough arguments for format string")
                }
                if case .number? = named { throw .malformed("not enough arguments for format string") }
                throw .malformed("* wants int")
            }
            guard ("0"..."9").contains(scalar) else { return nil }
            var value = 0
            while ("0"..."9").contains(scalar) {
                let (product, isTooBig) = value.multipliedReportingOverflow(by: 10)
                guard !isTooBig, product <= limit - (Int(scalar.value) - 48) else {
                    throw .malformed("\(what) too big")
                }
                value = product + Int(scalar.value) - 48
                scalar = try more()
            }
            return value
        }

        private mutating func argument(_ named: Value?, _ scalar: Unicode.Scalar) throws(FormatError) -> Argument {
            if let named { return .value(named) }
            guard unnamed == .dictionary else { throw .malformed("not enough arguments for format string") }
            unnamed = .exhausted
            return .dictionary
        }

        private func convert(
            _ scalar: Unicode.Scalar, _ shape: Shape, _ argument: Argument, _ wholeDictionary: () -> String
        ) throws(FormatError) -> String {
            switch (scalar, argument) {
            case ("s", .value(.text(let text))): return pad(cut(text, shape), shape)
            case ("s", .value(.number(let number))), ("r", .value(.number(let number))),
                ("a", .value(.number(let number))):
                return pad(cut(String(number), shape), shape)
            case ("r", .value(.text(let text))), ("a", .value(.text(let text))):
                return pad(cut(PythonText.repr(text), shape), shape)
            case ("s", .dictionary), ("r", .dictionary), ("a", .dictionary):
                return pad(cut(wholeDictionary(), shape), shape)
            case ("c", .value(.text(let text))) where text.unicodeScalars.count == 1:
                return pad(text, shape)
            case ("c", .value(.number(let number))):
                guard let value = UInt32(exactly: number), let character = Unicode.Scalar(value) else {
                    throw .malformed("%c arg not in range(0x110000)")
                }
                return pad(String(character), shape)
            case ("c", _):
                throw .malformed("%c requires int or char")
            case ("d", .value(.number(let number))), ("i", .value(.number(let number))),
                ("u", .value(.number(let number))):
                return digits(number, radix: 10, prefix: "", shape)
            case ("o", .value(.number(let number))):
                return digits(number, radix: 8, prefix: "0o", shape)
            case ("x", .value(.number(let number))):
                return digits(number, radix: 16, prefix: "0x", shape)
            case ("X", .value(.number(let number))):
                return digits(number, radix: 16, prefix: "0x", shape).uppercased()
            case ("e", .value(.number(let number))), ("E", .value(.number(let number))),
                ("f", .value(.number(let number))), ("F", .value(.number(let number))),
                ("g", .value(.number(let number))), ("G", .value(.number(let number))):
                let digits = fraction(number, scalar, shape)
                return signed(number, scalar.properties.isUppercase ? digits.uppercased() : digits, "", shape)
            case ("d", _), ("i", _), ("u", _):
                throw .malformed("%\(scalar) format: a real number is required, not \(argument.type)")
            case ("o", _), ("x", _), ("X", _):
                throw .malformed("%\(scalar) format: an integer is required, not \(argument.type)")
            case ("e", _), ("E", _), ("f", _), ("F", _), ("g", _), ("G", _):
                throw .malformed("must be real number, not \(argument.type)")
            default:
                let shown = (31...126).contains(scalar.value) ? String(scalar) : "?"
                let code = String(scalar.value, radix: 16)
                throw .malformed("unsupported format character '\(shown)' (0x\(code)) at index \(index - 1)")
            }
        }

        private func cut(_ text: String, _ shape: Shape) -> String {
            guard let precision = shape.precision else { return text }
            return String(text.unicodeScalars.prefix(precision))
        }

        private func pad(_ text: String, _ shape: Shape) -> String {
            let missing = shape.width - text.unicodeScalars.count
            guard missing > 0 else { return text }
            let blanks = String(repeating: " ", count: missing)
            return shape.left ? text + blanks : blanks + text
        }

        private func digits(_ value: Int, radix: Int, prefix: String, _ shape: Shape) -> String {
            var digits = String(value.magnitude, radix: radix)
            if let precision = shape.precision {
                digits = String(repeating: "0", count: max(0, precision - digits.count)) + digits
            }
            return signed(value, digits, shape.alternate ? prefix : "", shape)
        }

        private func fraction(_ value: Int, _ scalar: Unicode.Scalar, _ shape: Shape) -> String {
            let digits = FractionDigits(value, isAlternate: shape.alternate)
            let precision = shape.precision ?? 6
            return switch scalar {
            case "f", "F": digits.fixed(decimals: precision)
            case "e", "E": digits.scientific(decimals: precision)
            default: digits.general(precision: precision)
            }
        }

        /// Sign, prefix and digits, filled up with zeros between or blanks around.
        private func signed(_ value: Int, _ digits: String, _ prefix: String, _ shape: Shape) -> String {
            let head = (value < 0 ? "-" : (shape.sign.map { String($0) } ?? "")) + prefix
            let missing = shape.width - head.count - digits.count
            let zeros = shape.zero && !shape.left && missing > 0 ? String(repeating: "0", count: missing) : ""
            return pad(head + zeros + digits, shape)
        }
    }
}
