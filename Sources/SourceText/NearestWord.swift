/// The known word that a mistyped one most likely meant; `nil` when none is near.
///
/// Near is: at most a third of the letters (and at least one) inserted, removed, replaced or swapped with a neighbour.
package func nearestWord(to word: String, among known: some Sequence<String>) -> String? {
    let letters = Array(word)
    let sketch = LetterSketch(word)
    var best: String?
    // What is found must be nearer than what was found before it.
    var limit = max(1, letters.count / 3)
    for candidate in known {
        // A file of nothing but unknown words asks this a hundred thousand times: only what may be near is measured.
        guard sketch.mayBeNear(LetterSketch(candidate), limit: limit) else { continue }
        guard let distance = editDistance(letters, Array(candidate), limit: limit) else { continue }
        best = candidate
        guard distance > 0 else { break }
        limit = distance - 1
    }
    return best
}

/// How long a word is and which letters it has: enough to tell that two are far apart.
private struct LetterSketch {
    /// A bit for each byte's lower six.
    private var letters: UInt64 = 0
    private var length = 0
    /// Otherwise a letter may have several bytes, and nothing is known.
    private var isASCII = true

    init(_ word: String) {
        for byte in word.utf8 {
            letters |= 1 << UInt64(byte & 63)
            length += 1
            // Two bytes that are one letter: a line's end.
            if byte >= 0x80 || byte == 0x0d { isASCII = false }
        }
    }

    /// Each letter that only one of the words has costs a step, and so does each that one is longer by.
    func mayBeNear(_ other: LetterSketch, limit: Int) -> Bool {
        guard isASCII, other.isASCII else { return true }
        return abs(length - other.length) <= limit && (letters & ~other.letters).nonzeroBitCount <= limit
            && (other.letters & ~letters).nonzeroBitCount <= limit
    }
}

/// Optimal string alignment distance; `nil` when it is more than `limit`.
private func editDistance(_ a: [Character], _ b: [Character], limit: Int) -> Int? {
    guard abs(a.count - b.count) <= limit else { return nil }
    var before: [Int] = []
    var previous = Array(0...b.count)
    var last = previous[0]
    for i in a.indices {
        var current = [i + 1]
        current.reserveCapacity(b.count + 1)
        for j in b.indices {
            var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
            current.append(cost)
        }
        // What follows is made of these two rows.
        let least = current.min() ?? 0
        if min(least, last) > limit { return nil }
        last = least
        before = previous
        previous = current
    }
    return previous[b.count] <= limit ? previous[b.count] : nil
}
