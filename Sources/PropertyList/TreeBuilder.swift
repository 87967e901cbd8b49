import SourceText

/// Grows the tree of nodes while a reader moves through a text; knows nothing of its syntax.
///
/// The contents of open containers lie on flat stacks: a container costs one allocation, when it is closed.
struct TreeBuilder {
    let source: PropertySource
    private let depthLimit: Int
    private(set) var root: PropertyNode?
    var warnings = WarningList()

    private var frames: [Frame] = []
    private var elements: [PropertyNode] = []
    private var members: [PropertyMember] = []
    /// The number in `keys` of each of `members`.
    private var numbers: [Int] = []
    private var keys = KeyTable()

    private struct Frame {
        var isDictionary: Bool
        var start: Int
        /// How many elements, or members, belong to containers around it.
        var base: Int
        var pending: PendingKey?
    }

    /// A key whose value has not come yet.
    private struct PendingKey {
        var number: Int
        var start: Int
        var end: Int
    }

    init(source: PropertySource, depthLimit: Int) {
        self.source = source
        self.depthLimit = depthLimit
    }

    // MARK: where the reader is

    /// Containers that are open.
    var depth: Int { frames.count }
    /// Whether one more container may be opened.
    var mayOpen: Bool { frames.count < depthLimit }
    /// Whether the innermost open container is a dictionary; nil where none is open.
    var isInDictionary: Bool? { frames.last?.isDictionary }
    /// Whether a key waits for its value.
    var hasPendingKey: Bool { frames.last?.pending != nil }
    /// The key that waits for its value, and its offset.
    var pendingKey: (text: String, start: Int)? { frames.last?.pending.map { (keys.text($0.number), $0.start) } }

    // MARK: what the reader finds

    mutating func open(dictionary isDictionary: Bool, at start: Int) {
        frames.append(
            Frame(isDictionary: isDictionary, start: start, base: isDictionary ? members.count : elements.count))
    }

    /// A key of the innermost dictionary, in UTF-8.
    mutating func key(_ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) {
        guard let top = frames.indices.last else { return }
        frames[top].pending = PendingKey(number: keys.number(of: text), start: start, end: end)
    }

    /// A value: the element of an array, the value of the key before it, or the root.
    mutating func add(_ content: PropertyNode.Content, from start: Int, to end: Int) {
        let node = PropertyNode(content: content, stretch: PropertyStretch(source, start, end))
        guard let top = frames.indices.last else {
            root = node
            return
        }
        guard frames[top].isDictionary else { return elements.append(node) }
        guard let key = frames[top].pending else { return }
        frames[top].pending = nil
        numbers.append(key.number)
        members.append(
            PropertyMember(
                key: keys.text(key.number), value: node, keyStart: UInt32(truncatingIfNeeded: key.start),
                keyEnd: UInt32(truncatingIfNeeded: key.end)))
    }

    /// The innermost container ends, and is a value itself.
    mutating func close(at end: Int) {
        guard let frame = frames.popLast() else { return }
        if frame.isDictionary {
            // No slice may be alive when the end is cut off: all members of the dictionaries around would be copied.
            let content = distinct(members[frame.base...], numbers[frame.base...])
            members.removeSubrange(frame.base...)
            numbers.removeSubrange(frame.base...)
            add(.dictionary(content), from: frame.start, to: end)
        } else {
            let own = Array(elements[frame.base...])
            elements.removeSubrange(frame.base...)
            add(.array(own), from: frame.start, to: end)
        }
    }

    /// Of equal keys the last one counts, in the place of the first.
    private mutating func distinct(_ own: ArraySlice<PropertyMember>, _ numbers: ArraySlice<Int>) -> [PropertyMember] {
        keys.beginDictionary()
        var result = Array(own)
        var count = 0
        for (offset, number) in numbers.enumerated() {
            let place = own.startIndex + offset
            if let earlier = keys.earlierPlace(of: number, at: count) {
                let member = own[place]
                let line = warnings.isFull ? 0 : source.position(at: Int(result[earlier].keyStart)).line
                warnings.append(
                    warnings.isFull ? nil : .duplicateKey(member.key, at: member.keySpan, earlierLine: line))
                result[earlier] = member
            } else {
                if count < offset { result[count] = own[place] }
                count += 1
            }
        }
        result.removeSubrange(count...)
        return result
    }
}

extension Diagnostic {
    /// A key that occurs twice: CoreFoundation keeps the first in a binary file, everybody the last elsewhere.
    static func duplicateKey(_ key: String, at span: SourceSpan?, earlierLine: Int) -> Diagnostic {
        Diagnostic(
            .warning, code: "plist-duplicate-key",
            "key '\(key)' stands already in line \(earlierLine); this one counts",
            remedy: "remove one of them", at: span)
    }
}
