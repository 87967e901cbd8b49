package import SourceText

/// How much a reader takes from a stranger.
package struct PropertyListLimits: Hashable, Sendable {
    /// Bytes of the file.
    package var size: Int
    /// Containers inside containers (see the edge cases in the tests: 512 is accepted, 513 is not).
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
    /// Accepted, but other readers see something else or refuse it (see the edge cases in the tests).
    package var warnings: [Diagnostic]

    /// The root without positions.
    package var plain: PropertyValue { root.plain }

    /// Reads a property list of any format, which its content tells; `path` is for positions only.
    ///
    /// Fails with `badInput` and a position where the file is none. A JSON `null` is refused, since no property list
    /// has one (`JSONReader` reads it).
    package static func read(
        _ bytes: [UInt8], path: String, limits: PropertyListLimits = PropertyListLimits()
    ) throws(Failure) -> PropertyListDocument {
        if PropertyListFormat.recognise(bytes) == .binary {
            return try BinaryPropertyListReader.read(bytes, path: path, limits: limits)
        }
        let text = try PropertyText(bytes, path: path, limits: limits)
        switch PropertyListFormat.recognise(text: text.bytes[text.start...]) {
        case .xml, .binary: return try XMLPropertyListReader.read(text, limits: limits)
        case .openStep: return try OpenStepReader.read(text, limits: limits)
        case .json:
            let document = try JSONReader.read(text, limits: limits)
            if let null = document.root.firstNull {
                throw Failure(
                    .badInput, code: "plist-null", "null, which property lists do not have",
                    remedy: "remove the key or give it a value", at: null.span)
            }
            return document
        }
    }

    /// What `write` made of a value.
    package struct Output: Hashable, Sendable {
        package var bytes: [UInt8]
        /// What the format could only say in another type.
        package var warnings: [Diagnostic]
    }

    /// Writes a value; the same value gives the same bytes every time.
    ///
    /// Fails with `badInput` where the format cannot say it: XML (control characters, years beyond 9999, UIDs, nulls),
    /// JSON (data, dates, NaN and infinities, UIDs, nulls), OpenStep (UIDs, nulls). OpenStep has strings and data only:
    /// other scalars become strings with a warning. `sortingKeys` orders keys by their bytes, as Apple's tools do.
    package static func write(
        _ value: PropertyValue, as format: PropertyListFormat, sortingKeys: Bool = false
    ) throws(Failure) -> Output {
        try write(tree: value, as: format, sortingKeys: sortingKeys) { value }
    }

    /// Writes what was read in another format, or in its own anew; fails as the other `write` does, and names the file.
    package func write(as format: PropertyListFormat, sortingKeys: Bool = false) throws(Failure) -> Output {
        do throws(Failure) {
            return try Self.write(tree: root, as: format, sortingKeys: sortingKeys) { plain }
        } catch {
            var failure = error
            for index in failure.diagnostics.indices where failure.diagnostics[index].span == nil {
                failure.diagnostics[index].span = SourceSpan(file: root.span.file, at: root.span.start)
            }
            throw failure
        }
    }

    private static func write(
        tree: some PropertyTree, as format: PropertyListFormat, sortingKeys: Bool, plain: () -> PropertyValue
    ) throws(Failure) -> Output {
        switch format {
        case .xml:
            return Output(bytes: try XMLPropertyListWriter.write(tree: tree, sortingKeys: sortingKeys), warnings: [])
        case .binary:
            return Output(bytes: BinaryPropertyListWriter.write(tree: tree, sortingKeys: sortingKeys), warnings: [])
        case .openStep:
            return try OpenStepWriter.write(plain(), sortingKeys: sortingKeys)
        case .json:
            let value = plain()
            try value.requireJSON(at: [])
            return Output(bytes: JSONWriter.bytes(sortingKeys ? value.sorted : value, .pretty), warnings: [])
        }
    }
}

extension PropertyNode {
    /// The first `null` in the order of the file.
    fileprivate var firstNull: PropertyNode? {
        switch content {
        case .null: return self
        case .array(let elements):
            for element in elements { if let found = element.firstNull { return found } }
            return nil
        case .dictionary(let members):
            for member in members { if let found = member.value.firstNull { return found } }
            return nil
        default: return nil
        }
    }
}

extension PropertyValue {
    /// The value with the keys of all dictionaries in the order of their UTF-8 bytes.
    package var sorted: PropertyValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.sorted))
        case .dictionary(let dictionary):
            let entries = dictionary.entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return .dictionary(PropertyDictionary(distinct: entries.map { ($0.key, $0.value.sorted) }))
        default: return self
        }
    }

    /// Fails where JSON has no type for a value inside.
    fileprivate func requireJSON(at path: [String]) throws(Failure) {
        switch self {
        case .string, .integer, .boolean: return
        case .real(let number) where number.isFinite: return
        case .array(let elements):
            for (index, element) in elements.enumerated() { try element.requireJSON(at: path + ["\(index)"]) }
            return
        case .dictionary(let dictionary):
            for (key, value) in dictionary.entries { try value.requireJSON(at: path + [key]) }
            return
        case .real, .date, .data, .uid, .null: break
        }
        let place = path.isEmpty ? "the root" : path.joined(separator: ".")
        throw Failure(
            .badInput, code: "plist-unwritable", "\(place) is of the kind \(kind.rawValue), which JSON cannot say",
            remedy: "write the xml or binary format")
    }
}
