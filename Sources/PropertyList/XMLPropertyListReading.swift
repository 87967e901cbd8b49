import SourceText
import XMLStream

/// Builds the tree of nodes from the events of one XML property list. Offsets of events count from `start`.
struct XMLPropertyListReading: XMLReading {
    typealias Element = XMLPropertyListElement
    typealias Refusal = XMLEvents.Refusal

    /// An element with text whose end tag has not come.
    private struct Leaf {
        var element: Element
        var start: Int
        /// Offset of the text in the document.
        var textOffset: Int
        /// The text where it is one piece of the document; else it is in `content`.
        var piece: Range<Int>?
        var hasAside = false
    }

    /// Names as libxml2 has them in this parse.
    private var names: [(UnsafePointer<UInt8>, Element)] = []
    private(set) var builder: TreeBuilder
    /// Whether the root has ended, or `</plist>` has come.
    private(set) var isComplete = false
    /// Offset behind the last end tag.
    private(set) var end: Int

    private let start: Int
    private var plistStart: Int?
    private var leaf: Leaf?
    private var content: [UInt8] = []

    /// `start`: where in the text the document begins that the parser is given.
    init(source: PropertySource, start: Int, limits: PropertyListLimits) {
        builder = TreeBuilder(source: source, depthLimit: limits.depth)
        self.start = start
        end = start
    }

    mutating func begin(_ intern: (StaticString) -> UnsafePointer<UInt8>?) { names = Element.interned(intern) }

    mutating func take(_ batch: XMLBatch) throws(Refusal) {
        for event in batch.events {
            switch event.kind {
            case .startElement: try startElement(event, batch)
            case .endElement: try endElement(event, batch)
            case .text, .copiedText: try text(event, batch)
            case .aside: leaf?.hasAside = true
            case .doubleHyphen:
                warn(
                    "plist-comment", "-- inside a comment: strict XML readers refuse the file", remedy: "remove it",
                    at: start + Int(event.start))
            }
            if isComplete { return }
        }
    }

    // MARK: tags

    private mutating func startElement(_ event: XMLEvent, _ batch: XMLBatch) throws(Refusal) {
        let tag = Int(event.start)
        guard let name = event.name, let element = names.first(where: { $0.0 == name })?.1 else {
            throw unknown(event.name, at: tag)
        }
        if let leaf {
            throw Refusal(
                code: "plist-structure",
                message: "<\(element.name)> inside <\(leaf.element.name)>, which holds text only",
                remedy: "write &lt; for a < that is meant as text", offset: tag)
        }
        try admit(element, at: tag)
        switch element {
        case .plist:
            plistStart = tag
            guard LargeText.isClosed(batch.document, by: "</plist") else {
                throw Refusal(
                    code: "xml-truncated", message: "the document has no </plist>",
                    remedy: "it was cut off: get it again", offset: batch.document.count)
            }
        case .dict, .array:
            guard builder.mayOpen else {
                throw Refusal(
                    code: "plist-depth", message: "more than \(builder.depth) containers inside one another",
                    remedy: "make it flatter",
                    offset: tag)
            }
            builder.open(dictionary: element == .dict, at: start + tag)
        case .key, .string, .integer, .real, .date, .data, .yes, .no:
            leaf = Leaf(element: element, start: start + tag, textOffset: Int(event.end) + 1)
            content.removeAll(keepingCapacity: true)
        }
    }

    private mutating func endElement(_ event: XMLEvent, _ batch: XMLBatch) throws(Refusal) {
        end = start + Int(event.end)
        if let leaf {
            self.leaf = nil
            try finish(leaf, batch)
        } else if builder.isInDictionary != nil {
            if let key = builder.pendingKey {
                throw Refusal(
                    code: "plist-structure", message: "key '\(key.text)' has no value",
                    remedy: "add a value or remove the key", offset: key.start - start)
            }
            builder.close(at: end)
        } else {
            // `</plist>`: nothing else is open.
            guard builder.root != nil else {
                throw Refusal(
                    code: "plist-empty", message: "the property list has no value", remedy: "add <dict/>",
                    offset: plistStart ?? 0)
            }
            isComplete = true
        }
        if plistStart == nil, builder.root != nil { isComplete = true }
    }

    /// Throws where an element may not stand.
    private func admit(_ element: Element, at tag: Int) throws(Refusal) {
        switch builder.isInDictionary {
        case nil:
            if element == .plist, plistStart == nil { return }
            if element == .plist {
                throw Refusal(
                    code: "plist-structure", message: "<plist> inside <plist>", remedy: "remove the inner one",
                    offset: tag)
            }
            if builder.root != nil {
                throw Refusal(
                    code: "plist-structure", message: "a second value in <plist>",
                    remedy: "put both values into one <dict> or <array>", offset: tag)
            }
            if element == .key { throw keyOutside(at: tag) }
        case let isInDictionary?:
            if element == .plist {
                throw Refusal(
                    code: "plist-structure", message: "<plist> inside <\(isInDictionary ? "dict" : "array")>",
                    remedy: "remove the inner one",
                    offset: tag)
            }
            guard isInDictionary else {
                if element == .key { throw keyOutside(at: tag) }
                return
            }
            if element == .key, let key = builder.pendingKey {
                throw Refusal(
                    code: "plist-structure", message: "key '\(key.text)' has no value: another <key> follows",
                    remedy: "add a value or remove the key", offset: tag)
            }
            if element != .key, !builder.hasPendingKey {
                throw Refusal(
                    code: "plist-structure", message: "<\(element.name)> without a <key> before it",
                    remedy: "add the key", offset: tag)
            }
        }
    }

    private func keyOutside(at tag: Int) -> Refusal {
        Refusal(
            code: "plist-structure", message: "<key> outside a dictionary", remedy: "put it into <dict>", offset: tag)
    }

    private func unknown(_ name: UnsafePointer<UInt8>?, at tag: Int) -> Refusal {
        let word =
            name.map { String(cString: $0) }.map { $0.utf8.count > 60 ? $0.prefix(60) + "…" : $0 } ?? "with a prefix"
        let known = Element.allCases.map { "\($0.name)" }
        let remedy =
            known.contains(word.lowercased())
            ? "write <\(word.lowercased())>"
            : "use \(known.joined(separator: ", ")); write &lt; for a < that is meant as text"
        return Refusal(
            code: "plist-element", message: "element <\(word)> is none of a property list", remedy: remedy, offset: tag)
    }

    // MARK: texts

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 9 && byte <= 13) }

    private mutating func text(_ event: XMLEvent, _ batch: XMLBatch) throws(Refusal) {
        if leaf != nil { return append(event, batch) }
        let piece = batch.text(of: event)
        guard let first = piece.firstIndex(where: { !Self.isBlank($0) }) else { return }
        let shown = String(decoding: piece[first...].prefix { $0 != 10 }.prefix(40), as: UTF8.self)
        let place =
            builder.isInDictionary.map { $0 ? "<dict>" : "<array>" } ?? (plistStart == nil ? "the document" : "<plist>")
        throw Refusal(
            code: "plist-structure", message: "text '\(shown)' directly in \(place)", remedy: "put it into <string>",
            offset: Int(event.start) + first)
    }

    private mutating func append(_ event: XMLEvent, _ batch: XMLBatch) {
        if event.kind == .text, content.isEmpty {
            guard let piece = leaf?.piece else {
                leaf?.piece = Int(event.start)..<Int(event.end)
                return
            }
            // libxml2 hands a long text over in several pieces; nothing lies between them.
            if piece.upperBound == Int(event.start) {
                leaf?.piece = piece.lowerBound..<Int(event.end)
                return
            }
        }
        if let first = leaf?.piece {
            content.append(contentsOf: batch.document[first])
            leaf?.piece = nil
        }
        content.append(contentsOf: batch.text(of: event))
    }

    private mutating func warn(_ code: String, _ message: String, remedy: String?, at offset: Int) {
        builder.warnings.append(
            builder.warnings.isFull
                ? nil : Diagnostic(.warning, code: code, message, remedy: remedy, at: builder.source.span(at: offset)))
    }

    private mutating func finish(_ leaf: Leaf, _ batch: XMLBatch) throws(Refusal) {
        if leaf.hasAside {
            guard leaf.element == .key || leaf.element == .string || leaf.element == .data else {
                throw Refusal(
                    code: "plist-value", message: "a comment inside <\(leaf.element.name)>", remedy: "move it out",
                    offset: leaf.textOffset)
            }
            warn(
                "plist-comment", "a comment inside <\(leaf.element.name)> makes the file unreadable for CoreFoundation",
                remedy: "move it out", at: leaf.start)
        }
        if let piece = leaf.piece {
            return try finish(leaf, UnsafeBufferPointer(rebasing: batch.document[piece]))
        }
        let content = self.content
        let result = content.withUnsafeBufferPointer { text in
            Result { () throws(Refusal) in try finish(leaf, text) }
        }
        try result.get()
    }

    private mutating func finish(_ leaf: Leaf, _ text: UnsafeBufferPointer<UInt8>) throws(Refusal) {
        if leaf.element == .key { return builder.key(text, from: leaf.start, to: end) }
        do throws(PropertyScalars.Complaint) {
            builder.add(try value(of: leaf, text), from: leaf.start, to: end)
        } catch {
            // Blanks before a bad value are not to blame.
            let blanks = text.prefix(while: Self.isBlank).count
            throw Refusal(
                code: "plist-value", message: error.message, remedy: error.remedy,
                offset: leaf.textOffset + (blanks < text.count ? blanks : 0))
        }
    }

    private mutating func value(
        of leaf: Leaf, _ text: UnsafeBufferPointer<UInt8>
    ) throws(PropertyScalars.Complaint) -> PropertyNode.Content {
        switch leaf.element {
        case .string:
            return .string(String(decoding: text, as: UTF8.self))
        case .integer:
            if let plain = PropertyScalars.plainInteger(text) { return .integer(plain) }
            let reading = try PropertyScalars.integer(text[...])
            note(reading.warning, at: leaf.start)
            return .integer(reading.value)
        case .real:
            let reading = try PropertyScalars.real(text[...])
            note(reading.warning, at: leaf.start)
            return .real(reading.value)
        case .date:
            return .date(try PropertyScalars.date(text[...]))
        case .data:
            let (data, skippedForeign) = try Base64.decode(text)
            if skippedForeign {
                warn(
                    "plist-base64", "characters outside the base64 alphabet are skipped", remedy: "remove them",
                    at: leaf.start)
            }
            return .data(data)
        case .yes, .no:
            guard text.allSatisfy(Self.isBlank) else {
                throw PropertyScalars.Complaint(
                    message: "text inside <\(leaf.element.name)>", remedy: "write <\(leaf.element.name)/>")
            }
            return .boolean(leaf.element == .yes)
        case .key, .dict, .array, .plist:
            return .null
        }
    }

    private mutating func note(_ warning: PropertyScalars.Complaint?, at offset: Int) {
        if let warning { warn("plist-number", warning.message, remedy: warning.remedy, at: offset) }
    }
}
