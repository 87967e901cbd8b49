import SourceText
import XMLStream

/// Builds the tree of nodes from the events of one XML property list.
final class XMLPropertyListParser: XMLEvents {
    /// The elements that a property list may have (Apple's DTD PropertyList 1.0).
    private enum Element: CaseIterable {
        case key, string, integer, real, date, data, yes, no, dict, array, plist

        var name: StaticString {
            switch self {
            case .key: "key"
            case .string: "string"
            case .integer: "integer"
            case .real: "real"
            case .date: "date"
            case .data: "data"
            case .yes: "true"
            case .no: "false"
            case .dict: "dict"
            case .array: "array"
            case .plist: "plist"
            }
        }
    }

    /// A container whose end tag has not come.
    private struct Frame {
        var element: Element
        var start: PropertyPlace
        var elements: [PropertyNode] = []
        var members = MemberList()
    }

    /// An element with text whose end tag has not come.
    private struct Leaf {
        var element: Element
        var start: PropertyPlace
        /// Offset of the text.
        var textOffset: Int
        var hasAside = false
    }

    private(set) var root: PropertyNode?
    /// Offset behind the last end tag.
    private(set) var end = 0
    private(set) var warnings = WarningList()

    private let bytes: UnsafeBufferPointer<UInt8>
    private let start: Int
    private let source: PropertySource
    private let limits: PropertyListLimits
    private var cursor: PlaceCursor
    private var names: [(UnsafePointer<UInt8>, Element)] = []
    private var stack: [Frame] = []
    private var leaf: Leaf?
    private var content: [UInt8] = []

    /// `start`: where in `bytes` the document begins that the parser is given.
    init(
        _ bytes: UnsafeBufferPointer<UInt8>, start: Int, cursor: PlaceCursor, source: PropertySource,
        limits: PropertyListLimits
    ) {
        self.bytes = bytes
        self.start = start
        self.cursor = cursor
        self.source = source
        self.limits = limits
    }

    override func begin() {
        for element in Element.allCases {
            if let name = intern(element.name) { names.append((name, element)) }
        }
    }

    // MARK: tags

    override func startElement(_ name: UnsafePointer<UInt8>?) {
        let tag = tagOffset
        guard let name, let element = names.first(where: { $0.0 == name })?.1 else {
            return refuseUnknown(name, at: tag)
        }
        if let leaf {
            return refuse(
                "plist-structure", "<\(element.name)> inside <\(leaf.element.name)>, which holds text only",
                remedy: "write &lt; for a < that is meant as text", at: tag)
        }
        guard admits(element, at: tag) else { return }
        let place = cursor.move(to: start + tag)
        switch element {
        case .dict, .array, .plist:
            let depth = stack.count - (stack.first?.element == .plist ? 1 : 0)
            guard depth < limits.depth else {
                return refuse("plist-depth", "more than \(limits.depth) containers inside one another", at: tag)
            }
            stack.append(Frame(element: element, start: place))
        case .key, .string, .integer, .real, .date, .data, .yes, .no:
            leaf = Leaf(element: element, start: place, textOffset: offset + 1)
            content.removeAll(keepingCapacity: true)
        }
    }

    override func endElement() {
        end = start + offset
        let place = cursor.move(to: end)
        if let leaf {
            self.leaf = nil
            finish(leaf, stretch: PropertyStretch(source: source, start: leaf.start, end: place))
            return
        }
        guard let frame = stack.popLast() else { return }
        let stretch = PropertyStretch(source: source, start: frame.start, end: place)
        switch frame.element {
        case .array: add(PropertyNode(content: .array(frame.elements), stretch: stretch))
        case .dict:
            if let key = frame.members.pendingKey {
                return refuse(
                    "plist-structure", "key '\(key)' has no value", remedy: "add a value or remove the key",
                    at: Int(frame.members.pendingStart) - start)
            }
            add(PropertyNode(content: .dictionary(frame.members.members), stretch: stretch))
        default:
            if root == nil {
                refuse(
                    "plist-empty", "the property list has no value", remedy: "add <dict/>",
                    at: Int(frame.start.offset) - start)
            }
            stop()
        }
    }

    /// Whether an element may stand here; refuses when not.
    private func admits(_ element: Element, at tag: Int) -> Bool {
        // No copy of the frame: its arrays would be retained once an element.
        guard let top = stack.indices.last else {
            if element == .key {
                refuse("plist-structure", "<key> outside a dictionary", remedy: "put it into <dict>", at: tag)
            }
            return element != .key
        }
        switch (stack[top].element, element) {
        case (let outer, .plist):
            refuse("plist-structure", "<plist> inside <\(outer.name)>", at: tag)
        case (.plist, _) where root != nil:
            refuse(
                "plist-structure", "a second value in <plist>", remedy: "put both values into one <dict> or <array>",
                at: tag)
        case (.plist, .key), (.array, .key):
            refuse("plist-structure", "<key> outside a dictionary", remedy: "put it into <dict>", at: tag)
        case (.dict, .key):
            guard let key = stack[top].members.pendingKey else { return true }
            refuse(
                "plist-structure", "key '\(key)' has no value: another <key> follows",
                remedy: "add a value or remove the key", at: tag)
        case (.dict, _) where stack[top].members.pendingKey == nil:
            refuse("plist-structure", "<\(element.name)> without a <key> before it", remedy: "add the key", at: tag)
        default:
            return true
        }
        return false
    }

    private func refuseUnknown(_ name: UnsafePointer<UInt8>?, at tag: Int) {
        let word = name.map { String(cString: $0) } ?? "with a prefix"
        let known = Element.allCases.map { "\($0.name)" }
        let remedy =
            known.contains(word.lowercased())
            ? "write <\(word.lowercased())>"
            : "use \(known.joined(separator: ", ")); write &lt; for a < that is meant as text"
        refuse("plist-element", "element <\(word)> is none of a property list", remedy: remedy, at: tag)
    }

    // MARK: texts

    override func text(_ piece: UnsafeBufferPointer<UInt8>) {
        if leaf != nil {
            content.append(contentsOf: piece)
        } else if let first = piece.firstIndex(where: { !($0 == 0x20 || (9...13).contains($0)) }) {
            let shown = String(decoding: piece[first...].prefix { $0 != 10 }.prefix(40), as: UTF8.self)
            let place = stack.last.map { "<\($0.element.name)>" } ?? "the document"
            refuse(
                "plist-structure", "text '\(shown)' directly in \(place)", remedy: "put it into <string>",
                at: offset(of: piece) + first)
        }
    }

    override func aside() { leaf?.hasAside = true }

    override func doubleHyphen() {
        warn(
            "plist-comment", "-- inside a comment: strict XML readers refuse the file", remedy: "remove it",
            at: cursor.move(to: start + offset))
    }

    private func warn(_ code: String, _ message: String, remedy: String?, at place: PropertyPlace) {
        warnings.append(
            Diagnostic(
                .warning, code: code, message, remedy: remedy, at: SourceSpan(file: source.path, at: place.position)))
    }

    private func finish(_ leaf: Leaf, stretch: PropertyStretch) {
        if leaf.hasAside {
            guard leaf.element == .key || leaf.element == .string || leaf.element == .data else {
                return refuse(
                    "plist-value", "a comment inside <\(leaf.element.name)>", remedy: "move it out",
                    at: leaf.textOffset)
            }
            warn(
                "plist-comment", "a comment inside <\(leaf.element.name)> makes the file unreadable for CoreFoundation",
                remedy: "move it out", at: leaf.start)
        }
        do throws(PropertyScalars.Complaint) {
            if leaf.element == .key {
                addKey(String(decoding: content, as: UTF8.self), stretch: stretch)
            } else {
                add(PropertyNode(content: try value(of: leaf), stretch: stretch))
            }
        } catch {
            // Blanks before a bad value are not to blame.
            let blanks = content.prefix { $0 == 0x20 || (9...13).contains($0) }.count
            refuse(
                "plist-value", error.message, remedy: error.remedy,
                at: leaf.textOffset + (blanks < content.count ? blanks : 0))
        }
    }

    private func value(of leaf: Leaf) throws(PropertyScalars.Complaint) -> PropertyNode.Content {
        switch leaf.element {
        case .string:
            return .string(String(decoding: content, as: UTF8.self))
        case .integer:
            let reading = try PropertyScalars.integer(content[...])
            if let warning = reading.warning {
                warn("plist-number", warning.message, remedy: warning.remedy, at: leaf.start)
            }
            return .integer(reading.value)
        case .real:
            let reading = try PropertyScalars.real(content[...])
            if let warning = reading.warning {
                warn("plist-number", warning.message, remedy: warning.remedy, at: leaf.start)
            }
            return .real(reading.value)
        case .date:
            return .date(try PropertyScalars.date(content[...]))
        case .data:
            let decoded = content.withUnsafeBufferPointer { buffer in
                Result { () throws(PropertyScalars.Complaint) in try Base64.decode(buffer) }
            }
            let (data, skippedForeign) = try decoded.get()
            if skippedForeign {
                warn(
                    "plist-base64", "characters outside the base64 alphabet are skipped", remedy: "remove them",
                    at: leaf.start)
            }
            return .data(data)
        case .yes, .no:
            guard content.allSatisfy({ $0 == 0x20 || (9...13).contains($0) }) else {
                throw PropertyScalars.Complaint(
                    message: "text inside <\(leaf.element.name)>", remedy: "write <\(leaf.element.name)/>")
            }
            return .boolean(leaf.element == .yes)
        case .key, .dict, .array, .plist:
            return .null
        }
    }

    // MARK: the tree

    private func addKey(_ key: String, stretch: PropertyStretch) {
        stack[stack.count - 1].members.begin(key, stretch)
    }

    private func add(_ node: PropertyNode) {
        guard let top = stack.indices.last else {
            root = node
            stop()
            return
        }
        switch stack[top].element {
        case .array: stack[top].elements.append(node)
        case .dict:
            if let earlier = stack[top].members.finish(node) {
                let member = stack[top].members.lastWritten
                warnings.append(.duplicateKey(member?.key ?? "", at: member?.keySpan, earlier: earlier))
            }
        default: root = node
        }
    }
}
