/// The bytes of a message being written. Room is made once for several pieces, which are then laid down without
/// further checks of the array: an answer of a thousand processes has a hundred thousand pieces.
struct MessageBuffer: Sendable {
    private var storage: [UInt8]
    private(set) var count = 0

    init(capacity: Int) {
        storage = [UInt8](repeating: 0, count: max(capacity, 64))
    }

    /// What has been written.
    var bytes: [UInt8] { Array(storage[..<count]) }

    /// What has been written; the buffer is empty afterwards, and nothing is copied.
    mutating func take() -> [UInt8] {
        var result: [UInt8] = []
        swap(&result, &storage)
        result.removeLast(result.count - count)
        count = 0
        return result
    }

    /// Lays down pieces that need no more than `room` bytes in all.
    mutating func lay(room: Int, _ pieces: (inout Pen) -> Void) {
        if storage.count - count < room {
            let missing = max(room, storage.count, 1024)
            storage.append(contentsOf: repeatElement(0, count: missing))
        }
        let start = count
        count = storage.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            var pen = Pen(place: base + start, end: base + start + room)
            pieces(&pen)
            return pen.place - base
        }
    }

    /// Text with what XML cannot carry escaped.
    mutating func lay(text: UnsafeBufferPointer<UInt8>) {
        if XMLRPCText.isPlain(text) {
            lay(room: text.count) { $0.write(text) }
        } else {
            var escaped: [UInt8] = []
            escaped.reserveCapacity(text.count + text.count / 8 + 16)
            XMLRPCText.append(text, to: &escaped, markup: true)
            lay(escaped)
        }
    }

    mutating func lay(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { bytes in lay(room: bytes.count) { $0.write(bytes) } }
    }

    mutating func lay(_ text: StaticString) {
        lay(room: text.utf8CodeUnitCount) { $0.write(text) }
    }

    /// The place in the buffer where the next piece goes; a piece that does not fit the room is left out.
    struct Pen {
        fileprivate(set) var place: UnsafeMutablePointer<UInt8>
        fileprivate let end: UnsafeMutablePointer<UInt8>

        /// Digits of an `Int64` with its sign.
        static let decimalRoom = 20

        mutating func write(_ text: StaticString) {
            write(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }

        mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
            guard let source = bytes.baseAddress, end - place >= bytes.count else { return }
            place.update(from: source, count: bytes.count)
            place += bytes.count
        }

        mutating func write(_ number: Int64) {
            guard end - place >= Self.decimalRoom else { return }
            if number < 0 {
                place.pointee = UInt8(ascii: "-")
                place += 1
            }
            var digits = 1
            var rest = number.magnitude
            while rest >= 10 {
                rest /= 10
                digits += 1
            }
            rest = number.magnitude
            for index in (0..<digits).reversed() {
                place[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            place += digits
        }
    }
}
