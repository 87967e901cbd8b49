/// A file in hand: its path as the user gave it (`-` for standard input) and its bytes.
package struct InputFile: Hashable, Sendable {
    package var path: String
    package var bytes: [UInt8]
    /// Files that describe the same service together with this one, e.g. drop-ins and the timer of a unit.
    package var companions: [InputFile]
    /// Whether more companions may be looked for beside the file.
    package var looksAround: Bool

    package init(path: String, bytes: [UInt8], companions: [InputFile] = [], looksAround: Bool = true) {
        self.path = path
        self.bytes = bytes
        self.companions = companions
        self.looksAround = looksAround
    }
}
