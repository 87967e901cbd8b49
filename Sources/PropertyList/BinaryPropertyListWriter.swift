/// Writes `bplist00`: equal scalars once, containers in the order of the value.
package enum BinaryPropertyListWriter {
    /// The file's bytes; every value can be said. `sortingKeys` orders keys by their UTF-8 bytes.
    package static func write(_ value: PropertyValue, sortingKeys: Bool = false) -> [UInt8] {
        write(tree: value, sortingKeys: sortingKeys)
    }

    static func write(tree: some PropertyTree, sortingKeys: Bool) -> [UInt8] {
        var writer = BinaryOutput(sortingKeys: sortingKeys)
        writer.collect(tree)
        return writer.finish()
    }
}

private struct BinaryOutput {
    private enum Object {
        /// A number of `scalars`.
        case scalar(Int)
        /// Elements in `references`.
        case array(Range<Int>)
        /// Keys and then as many values in `references`.
        case dictionary(Range<Int>)
    }

    private var objects: [Object] = []
    private var references: [UInt32] = []
    /// Scalars as they are written: equal bytes are one object.
    private var scalars = ByteTable()
    /// The object of each of `scalars`.
    private var scalarObjects: [UInt32] = []
    private var scratch = BinaryBytes()
    private let sortingKeys: Bool

    init(sortingKeys: Bool) {
        self.sortingKeys = sortingKeys
    }

    // MARK: numbering

    /// Numbers the objects of a tree, containers before what they hold.
    @discardableResult
    mutating func collect<Tree: PropertyTree>(_ tree: Tree) -> UInt32 {
        switch sortingKeys ? tree.form.sorted : tree.form {
        case .array(let elements):
            let range = reserve(elements.count)
            let index = add(.array(range))
            for (place, element) in zip(range, elements) { references[place] = collect(element) }
            return index
        case .dictionary(let members):
            let range = reserve(2 * members.count)
            let index = add(.dictionary(range))
            for (place, member) in zip(range, members) {
                scratch.bytes.removeAll(keepingCapacity: true)
                scratch.write(Tree.key(of: member))
                references[place] = scalar()
            }
            for (place, member) in zip(range.dropFirst(members.count), members) {
                references[place] = collect(Tree.value(of: member))
            }
            return index
        case .scalar(let value):
            scratch.bytes.removeAll(keepingCapacity: true)
            scratch.write(value)
            return scalar()
        }
    }

    private mutating func reserve(_ count: Int) -> Range<Int> {
        let start = references.count
        references.append(contentsOf: repeatElement(0, count: count))
        return start..<start + count
    }

    /// The object of the scalar in `scratch`.
    private mutating func scalar() -> UInt32 {
        let number = scratch.bytes.withUnsafeBufferPointer { scalars.number(of: $0) }
        if number == scalarObjects.count { scalarObjects.append(add(.scalar(number))) }
        return scalarObjects[number]
    }

    private mutating func add(_ object: Object) -> UInt32 {
        objects.append(object)
        return UInt32(truncatingIfNeeded: objects.count - 1)
    }

    // MARK: the file

    func finish() -> [UInt8] {
        var output = BinaryBytes(Array("bplist00".utf8))
        let referenceWidth = BinaryBytes.width(UInt64(objects.count))
        output.bytes.reserveCapacity(scalars.bytes.count + references.count * referenceWidth + objects.count * 5 + 64)
        var offsets: [Int] = []
        offsets.reserveCapacity(objects.count)
        for object in objects {
            offsets.append(output.bytes.count)
            let range: Range<Int>
            switch object {
            case .scalar(let number):
                output.bytes.append(contentsOf: scalars.bytes[scalars.range(number)])
                continue
            case .array(let elements):
                output.marker(0xA0, elements.count)
                range = elements
            case .dictionary(let members):
                output.marker(0xD0, members.count / 2)
                range = members
            }
            output.numbers(references[range], referenceWidth)
        }
        let table = output.bytes.count
        let offsetWidth = BinaryBytes.width(UInt64(table))
        output.numbers(offsets[...], offsetWidth)
        output.bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, UInt8(offsetWidth), UInt8(referenceWidth)])
        output.number(UInt64(objects.count), 8)
        output.number(0, 8)
        output.number(UInt64(table), 8)
        return output.bytes
    }
}

/// Scalars, markers and numbers as `bplist00` has them.
private struct BinaryBytes {
    var bytes: [UInt8]

    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// A scalar; nothing for a container.
    mutating func write(_ value: PropertyValue) {
        switch value {
        case .null: bytes.append(0x00)
        case .boolean(let flag): bytes.append(flag ? 0x09 : 0x08)
        case .integer(let number): write(number)
        case .real(let number):
            bytes.append(0x23)
            self.number(number.bitPattern, 8)
        case .date(let date):
            bytes.append(0x33)
            number(date.secondsSince2001.bitPattern, 8)
        case .data(let data):
            marker(0x40, data.count)
            bytes.append(contentsOf: data)
        case .string(let text): write(text)
        case .uid(let number):
            let width = Self.width(number)
            bytes.append(0x80 | UInt8(width - 1))
            self.number(number, width)
        case .array, .dictionary: break
        }
    }

    mutating func write(_ text: String) {
        var text = text
        let isASCII = text.withUTF8 { buffer in
            var all: UInt8 = 0
            for byte in buffer { all |= byte }
            guard all < 0x80 else { return false }
            marker(0x50, buffer.count)
            bytes.append(contentsOf: buffer)
            return true
        }
        if isASCII { return }
        marker(0x60, text.utf16.count)
        for unit in text.utf16 { number(UInt64(unit), 2) }
    }

    private mutating func write(_ integer: PropertyInteger) {
        if let value = integer.int64, value < 0 { return unsigned(0x13, UInt64(bitPattern: value), 8) }
        switch integer.magnitude {
        case 0..<(1 << 8): unsigned(0x10, integer.magnitude, 1)
        case 0..<(1 << 16): unsigned(0x11, integer.magnitude, 2)
        case 0..<(1 << 32): unsigned(0x12, integer.magnitude, 4)
        case 0..<(1 << 63): unsigned(0x13, integer.magnitude, 8)
        default:
            unsigned(0x14, 0, 8)
            number(integer.magnitude, 8)
        }
    }

    private mutating func unsigned(_ marker: UInt8, _ value: UInt64, _ width: Int) {
        bytes.append(marker)
        number(value, width)
    }

    mutating func marker(_ type: UInt8, _ count: Int) {
        if count < 15 {
            bytes.append(type | UInt8(count))
        } else {
            bytes.append(type | 15)
            write(PropertyInteger(UInt64(count)))
        }
    }

    /// Big-endian.
    mutating func number(_ value: UInt64, _ width: Int) {
        var shift = UInt64(8 * width)
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Many of one width, big-endian.
    mutating func numbers<Number: FixedWidthInteger>(_ values: ArraySlice<Number>, _ width: Int) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: values.count * width))
        bytes.withUnsafeMutableBufferPointer { bytes in
            var end = start
            for value in values {
                end += width
                var rest = value
                for place in 1...width {
                    bytes[end - place] = UInt8(truncatingIfNeeded: rest)
                    rest >>= 8
                }
            }
        }
    }

    /// The bytes that a number needs: 1, 2, 4 or 8.
    static func width(_ value: UInt64) -> Int {
        switch value {
        case 0..<(1 << 8): 1
        case 0..<(1 << 16): 2
        case 0..<(1 << 32): 4
        default: 8
        }
    }
}
