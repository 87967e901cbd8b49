/// Writes JSON into one buffer: whole values, or piece by piece without building one.
///
/// ```
/// JSONWriter.bytes { $0.object { $0.member("pid", 7); $0.array("argv") { $0.value("sh") } } }
/// ```
package struct JSONWriter: Sendable {
    package enum Style: Sendable {
        /// On one line, without blanks.
        case compact
        /// Indented by two blanks a level, for people; ends with a newline.
        case pretty
    }

    /// What has been written.
    package private(set) var bytes: [UInt8] = []
    private let style: Style
    private var depth = 0
    private var isFirst = true
    private var isAfterKey = false

    package init(_ style: Style = .compact, capacity: Int = 512) {
        self.style = style
        bytes.reserveCapacity(capacity)
    }

    /// A document; the closure writes exactly one value.
    package static func bytes(_ style: Style = .compact, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(style)
        write(&writer)
        if style == .pretty { writer.bytes.append(UInt8(ascii: "\n")) }
        return writer.bytes
    }

    /// A document of one value; see `value(_:)` for what JSON cannot say.
    package static func bytes(_ value: PropertyValue, _ style: Style = .compact) -> [UInt8] {
        bytes(style) { $0.value(value) }
    }

    // MARK: containers

    /// An object; the closure writes its members.
    package mutating func object(_ write: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "{"), UInt8(ascii: "}"), write)
    }

    /// An array; the closure writes its elements.
    package mutating func array(_ write: (inout JSONWriter) -> Void) {
        container(UInt8(ascii: "["), UInt8(ascii: "]"), write)
    }

    private mutating func container(_ open: UInt8, _ close: UInt8, _ write: (inout JSONWriter) -> Void) {
        begin()
        bytes.append(open)
        depth += 1
        isFirst = true
        write(&self)
        depth -= 1
        if !isFirst { newLine() }
        bytes.append(close)
        isFirst = false
    }

    /// The key of the value that is written next.
    package mutating func key(_ key: String) {
        begin()
        quoted(key)
        bytes.append(UInt8(ascii: ":"))
        if style == .pretty { bytes.append(UInt8(ascii: " ")) }
        isAfterKey = true
    }

    package mutating func object(_ key: String, _ write: (inout JSONWriter) -> Void) {
        self.key(key)
        object(write)
    }

    package mutating func array(_ key: String, _ write: (inout JSONWriter) -> Void) {
        self.key(key)
        array(write)
    }

    package mutating func member(_ key: String, _ text: String) {
        self.key(key)
        value(text)
    }

    package mutating func member(_ key: String, _ number: Int) {
        self.key(key)
        value(number)
    }

    package mutating func member(_ key: String, _ flag: Bool) {
        self.key(key)
        value(flag)
    }

    package mutating func member(_ key: String, _ number: Double) {
        self.key(key)
        value(number)
    }

    package mutating func member(_ key: String, _ value: PropertyValue) {
        self.key(key)
        self.value(value)
    }

    /// A member that is left out when there is no text.
    package mutating func member(_ key: String, _ text: String?) {
        if let text { member(key, text) }
    }

    /// A member that is left out when there is no number.
    package mutating func member(_ key: String, _ number: Int?) {
        if let number { member(key, number) }
    }

    // MARK: values

    package mutating func value(_ text: String) {
        begin()
        quoted(text)
    }

    package mutating func value(_ number: Int) {
        begin()
        bytes.append(contentsOf: String(number).utf8)
    }

    package mutating func value(_ flag: Bool) {
        begin()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// A number; `null` for NaN and the infinities, which JSON cannot say.
    package mutating func value(_ number: Double) {
        begin()
        bytes.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
    }

    package mutating func null() {
        begin()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Any value. What JSON has no type for becomes text: data base64, dates `YYYY-MM-DDThh:mm:ssZ`; a UID becomes
    /// `{"CF$UID": n}`. Whoever must not lose types asks `PropertyListDocument.write`, which refuses them.
    package mutating func value(_ value: PropertyValue) {
        switch value {
        case .string(let text): self.value(text)
        case .integer(let number):
            begin()
            bytes.append(contentsOf: number.description.utf8)
        case .real(let number): self.value(number)
        case .boolean(let flag): self.value(flag)
        case .date(let date): self.value(date.iso8601 ?? "\(date.secondsSince2001)")
        case .data(let data):
            begin()
            bytes.append(UInt8(ascii: "\""))
            Base64.encode(data[...], into: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .dictionary(let dictionary):
            object { for (key, value) in dictionary.entries { $0.member(key, value) } }
        case .uid(let number):
            object { writer in
                writer.key("CF$UID")
                writer.value(.integer(PropertyInteger(number)))
            }
        case .null: null()
        }
    }

    // MARK: bytes

    /// The comma and the line that a new element or key needs.
    private mutating func begin() {
        if isAfterKey {
            isAfterKey = false
            isFirst = false
            return
        }
        if depth > 0 {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            newLine()
        }
        isFirst = false
    }

    private mutating func newLine() {
        guard style == .pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func quoted(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { source in
            var copied = 0
            for (place, byte) in source.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[copied..<place]))
                escape(byte)
                copied = place + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[copied...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
