/// A file in hand: its path as the user gave it (`-` for standard input) and its bytes.
package struct InputFile: Hashable, Sendable {
    package var path: String
    package var bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}
