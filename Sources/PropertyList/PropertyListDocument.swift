package import SourceText

/// The ways to write a property list down.
package enum PropertyListFormat: String, Hashable, Sendable, CaseIterable {
    case xml, binary, openStep, json
}

/// How much a reader takes from a stranger.
package struct PropertyListLimits: Hashable, Sendable {
    /// Bytes of the file.
    package var size: Int
    /// Containers inside containers (launchd.md §3.5, rows 180: 512 is accepted, 513 is not).
    package var depth: Int

    package init(size: Int = 64 << 20, depth: Int = 512) {
        self.size = size
        self.depth = depth
    }
}

/// A property list file as read: the tree with positions, and what is worth a warning.
package struct PropertyListDocument: Sendable {
    package var format: PropertyListFormat
    package var root: PropertyNode
    /// Accepted, but other readers see something else or refuse it (launchd.md §3.5).
    package var warnings: [Diagnostic]

    /// The root without positions.
    package var plain: PropertyValue { root.plain }

    /// Reads a property list of any format, which its content tells; `path` is for positions only.
    ///
    /// Fails with `badInput` and a position where the file is none.
    package static func read(
        _ bytes: [UInt8], path: String, limits: PropertyListLimits = PropertyListLimits()
    ) throws(Failure) -> PropertyListDocument {
        let text = try PropertyText(bytes, path: path, limits: limits)
        return try XMLPropertyListReader.read(text, limits: limits)
    }
}
