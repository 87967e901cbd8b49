/// A list that takes every element once, in the order in which they come.
package struct DistinctList<Element: Hashable> {
    package private(set) var all: [Element] = []
    private var known: Set<Element> = []

    package init() {}

    package init(_ elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }

    package mutating func append(_ element: Element) {
        if known.insert(element).inserted { all.append(element) }
    }
}

extension DistinctList: Sendable where Element: Sendable {}
