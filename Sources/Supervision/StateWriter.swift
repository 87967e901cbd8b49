/// Writes the machine's state as bytes: little-endian integers of fixed width, counted strings and lists.
package struct StateWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// A list's length or a place in one.
    package mutating func count(_ value: Int) { integer(UInt32(clamping: value)) }

    package mutating func string(_ value: String) { block(value.utf8) }

    /// Bytes behind their number.
    package mutating func block(_ value: some Collection<UInt8>) {
        count(value.count)
        raw(value)
    }

    /// Bytes whose number the reader knows.
    mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

    package mutating func list<Element>(
        _ elements: some Collection<Element>, _ write: (inout StateWriter, Element) -> Void
    ) {
        count(elements.count)
        for element in elements { write(&self, element) }
    }

    package mutating func optional<Value>(_ value: Value?, _ write: (inout StateWriter, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }
}
