/// A whole number from -2^63 to 2^64-1: what the property list formats can carry (see the edge cases in the tests).
package struct PropertyInteger: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// The distance from zero.
    package let magnitude: UInt64
    /// Whether the number is below zero; never true for zero.
    package let isNegative: Bool

    package init(_ value: Int64) {
        magnitude = value.magnitude
        isNegative = value < 0
    }

    package init(_ value: UInt64) {
        magnitude = value
        isNegative = false
    }

    package init(integerLiteral value: Int64) { self.init(value) }

    /// `nil` below -2^63.
    package init?(magnitude: UInt64, isNegative: Bool) {
        if isNegative && magnitude > Int64.min.magnitude { return nil }
        self.magnitude = magnitude
        self.isNegative = isNegative && magnitude != 0
    }

    /// The number where it fits `Int64`.
    package var int64: Int64? {
        isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(exactly: magnitude)
    }

    /// The number where it fits `Int`.
    package var int: Int? { int64.flatMap(Int.init(exactly:)) }

    /// The number where it is not negative.
    package var uint64: UInt64? { isNegative ? nil : magnitude }

    /// The nearest double.
    package var double: Double { isNegative ? -Double(magnitude) : Double(magnitude) }

    /// Decimal digits with a sign where negative.
    package var description: String { isNegative ? "-\(magnitude)" : "\(magnitude)" }

    package static func < (left: PropertyInteger, right: PropertyInteger) -> Bool {
        switch (left.isNegative, right.isNegative) {
        case (false, false): left.magnitude < right.magnitude
        case (true, true): left.magnitude > right.magnitude
        case (let negative, _): negative
        }
    }
}
