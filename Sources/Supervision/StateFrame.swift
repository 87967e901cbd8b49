/// What stands around an encoded state: a first line that says what it is and a version before it, a checksum behind.
package struct StateFrame: Sendable {
    private let magic: [UInt8]
    private let version: UInt16

    /// - Parameters:
    ///   - kind: the first line of every state of this kind.
    ///   - version: grows with every change of the layout. One that a program does not know is refused by it.
    package init(_ kind: String, version: UInt16) {
        magic = Array("\(kind)\n".utf8)
        self.version = version
    }

    /// The bytes of what `write` writes, with all that stands around it.
    package func encoded(_ write: (inout StateWriter) -> Void) -> [UInt8] {
        var writer = StateWriter()
        writer.raw(magic)
        writer.integer(version)
        write(&writer)
        writer.integer(Self.checksum(writer.bytes))
        return writer.bytes
    }

    /// A reader of what lies between. Whoever reads it to the end asks `finish()`.
    package func reader(_ bytes: [UInt8]) throws(StateDecodingError) -> StateReader {
        guard bytes.starts(with: magic) else { throw .notAState }
        var reader = StateReader(bytes[magic.count...])
        let found = try reader.integer(UInt16.self)
        guard found == version else { throw .unknownVersion(found) }
        let width = MemoryLayout<UInt64>.size
        guard reader.remaining >= width else { throw .damaged }
        var tail = StateReader(bytes.suffix(width))
        guard try tail.integer(UInt64.self) == Self.checksum(bytes.dropLast(width)) else { throw .damaged }
        return StateReader(bytes[(magic.count + MemoryLayout<UInt16>.size)..<(bytes.count - width)])
    }

    /// FNV-1a of 64 bits: tells a torn or altered state from a whole one. Not a protection against forgery.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
