/// The known word that a mistyped one most likely meant; `nil` when none is near.
///
/// Near is: at most a third of the letters (and at least one) inserted, removed, replaced or swapped with a neighbour.
package func nearestWord(to word: String, among known: some Sequence<String>) -> String? {
    let limit = max(1, word.count / 3)
    return known.map { ($0, editDistance(word, $0)) }.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
}

/// Optimal string alignment distance.
private func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left)
    let b = Array(right)
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1]
        for j in b.indices {
            var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
            current.append(cost)
        }
        before = previous
        previous = current
    }
    return previous[b.count]
}
