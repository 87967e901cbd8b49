/// Writes `bplist00`: equal scalars once, containers in the order of the value.
package enum BinaryPropertyListWriter {
    /// The file's bytes; every value can be said. `sortingKeys` orders keys by their UTF-8 bytes.
    package static func write(_ value: PropertyValue, sortingKeys: Bool = false) -> [UInt8] {
        var writer = BinaryOutput()
        writer.collect(sortingKeys ? value.sorted : value)
        return writer.finish()
    }
}

private struct BinaryOutput {
    /// What makes two scalars one object.
    private enum ScalarKey: Hashable {
        case string(ExactText)
        case integer(PropertyInteger)
        case real(UInt64)
        case boolean(Bool)
        case date(UInt64)
        case data([UInt8])
        case uid(UInt64)
        case null
    }

    private enum Object {
        case scalar(PropertyValue)
        case array([Int])
        case dictionary(keys: [Int], values: [Int])
    }

    private var objects: [Object] = []
    private var places: [ScalarKey: Int] = [:]
    private var bytes: [UInt8] = Array("bplist00".utf8)

    // MARK: numbering

    /// Numbers the objects of a value, containers before what they hold.
    @discardableResult
    mutating func collect(_ value: PropertyValue) -> Int {
        switch value {
        case .array(let elements):
            let index = objects.count
            objects.append(.array([]))
            objects[index] = .array(elements.map { collect($0) })
            return index
        case .dictionary(let dictionary):
            let index = objects.count
            objects.append(.array([]))
            let keys = dictionary.entries.map { collect(.string($0.key)) }
            let values = dictionary.entries.map { collect($0.value) }
            objects[index] = .dictionary(keys: keys, values: values)
            return index
        case .string(let text): return scalar(.string(ExactText(text)), value)
        case .integer(let number): return scalar(.integer(number), value)
        case .real(let number): return scalar(.real(number.bitPattern), value)
        case .boolean(let flag): return scalar(.boolean(flag), value)
        case .date(let date): return scalar(.date(date.secondsSince2001.bitPattern), value)
        case .data(let data): return scalar(.data(data), value)
        case .uid(let number): return scalar(.uid(number), value)
        case .null: return scalar(.null, value)
        }
    }

    private mutating func scalar(_ key: ScalarKey, _ value: PropertyValue) -> Int {
        if let place = places[key] { return place }
        places[key] = objects.count
        objects.append(.scalar(value))
        return objects.count - 1
    }

    // MARK: bytes

    mutating func finish() -> [UInt8] {
        let referenceWidth = Self.width(UInt64(objects.count))
        var offsets: [Int] = []
        offsets.reserveCapacity(objects.count)
        for object in objects {
            offsets.append(bytes.count)
            switch object {
            case .scalar(let value): write(value)
            case .array(let elements):
                marker(0xA0, elements.count)
                for element in elements { number(UInt64(element), referenceWidth) }
            case .dictionary(let keys, let values):
                marker(0xD0, keys.count)
                for index in keys { number(UInt64(index), referenceWidth) }
                for index in values { number(UInt64(index), referenceWidth) }
            }
        }
        let table = bytes.count
        let offsetWidth = Self.width(UInt64(table))
        for offset in offsets { number(UInt64(offset), offsetWidth) }
        bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, UInt8(offsetWidth), UInt8(referenceWidth)])
        number(UInt64(objects.count), 8)
        number(0, 8)
        number(UInt64(table), 8)
        return bytes
    }

    private mutating func write(_ value: PropertyValue) {
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
        case .string(let text):
            var text = text
            let isASCII = text.withUTF8 { buffer in
                guard buffer.allSatisfy({ $0 < 0x80 }) else { return false }
                marker(0x50, buffer.count)
                bytes.append(contentsOf: buffer)
                return true
            }
            if !isASCII {
                marker(0x60, text.utf16.count)
                for unit in text.utf16 { number(UInt64(unit), 2) }
            }
        case .uid(let number):
            let width = Self.width(number)
            bytes.append(0x80 | UInt8(width - 1))
            self.number(number, width)
        case .array, .dictionary: break
        }
    }

    private mutating func write(_ integer: PropertyInteger) {
        if let value = integer.int64, value < 0 {
            bytes.append(0x13)
            number(UInt64(bitPattern: value), 8)
            return
        }
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

    private mutating func marker(_ type: UInt8, _ count: Int) {
        if count < 15 {
            bytes.append(type | UInt8(count))
        } else {
            bytes.append(type | 15)
            write(PropertyInteger(UInt64(count)))
        }
    }

    private mutating func number(_ value: UInt64, _ width: Int) {
        if width == 1 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0.suffix(width)) }
    }

    /// The bytes that a number needs: 1, 2, 4 or 8.
    private static func width(_ value: UInt64) -> Int {
        switch value {
        case 0..<(1 << 8): 1
        case 0..<(1 << 16): 2
        case 0..<(1 << 32): 4
        default: 8
        }
    }
}
