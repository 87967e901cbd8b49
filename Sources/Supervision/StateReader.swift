/// Why bytes are no state of a machine.
package enum StateDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// They do not begin as an encoded state does.
    case notAState
    /// A version that this program does not know: most likely of a newer one.
    case unknownVersion(UInt16)
    /// They end too early, go on too long or were altered.
    case damaged
    /// A value that no machine writes, at this byte.
    case invalid(offset: Int)

    package var description: String {
        switch self {
        case .notAState: "this is no saved supervision state"
        case .unknownVersion(let version): "the saved supervision state has the unknown version \(version)"
        case .damaged: "the saved supervision state is damaged"
        case .invalid(let offset): "the saved supervision state has an impossible value at byte \(offset)"
        }
    }
}

/// Reads what `StateWriter` wrote. Never reads past the end, never reserves more than the bytes can hold.
package struct StateReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package var remaining: Int { bytes.endIndex - position }

    package var invalid: StateDecodingError { .invalid(offset: position) }

    /// Nothing may be left.
    package func finish() throws(StateDecodingError) {
        guard remaining == 0 else { throw .damaged }
    }

    package mutating func integer<Value: FixedWidthInteger>(
        _: Value.Type = Value.self
    ) throws(StateDecodingError) -> Value {
        let width = MemoryLayout<Value>.size
        guard remaining >= width else { throw .damaged }
        var value: Value = 0
        for index in (position..<position + width).reversed() {
            value = value << 8 | Value(truncatingIfNeeded: bytes[index])
        }
        position += width
        return value
    }

    package mutating func flag() throws(StateDecodingError) -> Bool {
        switch try integer(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw invalid
        }
    }

    /// A length or a place in a list.
    package mutating func count() throws(StateDecodingError) -> Int { Int(try integer(UInt32.self)) }

    package mutating func string() throws(StateDecodingError) -> String {
        let invalid = invalid
        guard let text = String(validating: try slice(), as: UTF8.self) else { throw invalid }
        return text
    }

    /// Bytes behind their number.
    package mutating func block() throws(StateDecodingError) -> [UInt8] { Array(try slice()) }

    private mutating func slice() throws(StateDecodingError) -> ArraySlice<UInt8> {
        let length = try count()
        guard length <= remaining else { throw .damaged }
        defer { position += length }
        return bytes[position..<position + length]
    }

    /// A list; each element takes a byte at least.
    package mutating func list<Element>(
        _ read: (inout StateReader) throws(StateDecodingError) -> Element
    ) throws(StateDecodingError) -> [Element] {
        let length = try count()
        guard length <= remaining else { throw .damaged }
        var elements: [Element] = []
        for _ in 0..<length { elements.append(try read(&self)) }
        return elements
    }

    package mutating func optional<Value>(
        _ read: (inout StateReader) throws(StateDecodingError) -> Value
    ) throws(StateDecodingError) -> Value? {
        try flag() ? try read(&self) : nil
    }

    /// A case of an enumeration by its number.
    package mutating func choice<Value: RawRepresentable>(
        _: Value.Type = Value.self
    ) throws(StateDecodingError) -> Value where Value.RawValue: FixedWidthInteger {
        let number = try integer(Value.RawValue.self)
        guard let value = Value(rawValue: number) else { throw invalid }
        return value
    }

    /// A number from which on is counted: no machine lives to see the upper half.
    package mutating func serial<Value: FixedWidthInteger & UnsignedInteger>() throws(StateDecodingError) -> Value {
        let value = try integer(Value.self)
        guard value <= Value.max >> 1 else { throw invalid }
        return value
    }

    /// Nanoseconds that can be added and subtracted without care: within 146 years.
    package mutating func nanoseconds() throws(StateDecodingError) -> Int64 {
        let value = try integer(Int64.self)
        guard value.magnitude < 1 << 62 else { throw invalid }
        return value
    }
}
