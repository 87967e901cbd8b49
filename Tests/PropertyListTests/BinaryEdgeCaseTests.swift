import PropertyList
import SourceText
import Testing

@Suite("Binary property lists: every row of the table of edge cases")
struct BinaryEdgeCaseTests {
    /// A file of the given objects, the first being the root, with one-byte references and two-byte offsets.
    static func file(_ objects: [[UInt8]], count: UInt64? = nil, top: UInt64 = 0, header: String = "bplist00")
        -> [UInt8]
    {
        var bytes = Array(header.utf8)
        var offsets: [Int] = []
        for object in objects {
            offsets.append(bytes.count)
            bytes += object
        }
        let table = bytes.count
        for offset in offsets { bytes += [UInt8(offset >> 8), UInt8(offset & 255)] }
        bytes += [0, 0, 0, 0, 0, 0, 2, 1]
        for number in [count ?? UInt64(objects.count), top, UInt64(table)] {
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
        }
        return bytes
    }

    /// `{k: object}`.
    static func key(_ object: [UInt8]) -> [UInt8] { file([[0xD1, 1, 2], [0x51, 0x6B], object]) }

    static let accepted: [(String, [UInt8], PropertyValue, [String])] = [
        ("300", file([[0xD1, 1, 2], [0x51, 0x61], [0xA2, 3, 4], [0x10, 1], [0x10, 2]]), ["a": [1, 2]], []),
        ("302", file([[0xD1, 1, 2], [0x51, 0x6B], [0x09]], header: "bplist01"), ["k": true], ["plist-version"]),
        ("310", key([0x00]), ["k": .null], []),
        ("312", key([0x80, 5]), ["k": .uid(5)], []),
        (
            "316", file([[0xD2, 1, 1, 2, 3], [0x51, 0x6B], [0x51, 0x61], [0x51, 0x62]]), ["k": "b"],
            ["plist-duplicate-key"]
        ),
        (
            "317", key([0x14] + [UInt8](repeating: 0, count: 8) + [UInt8](repeating: 255, count: 8)),
            ["k": .integer(PropertyInteger(UInt64.max))], []
        ),
        ("318", key([0x13] + [UInt8](repeating: 255, count: 8)), ["k": -1], []),
        ("319", key([0x10, 255]), ["k": 255], []),
        ("328", key([0x33] + [UInt8](repeating: 0, count: 8)), ["k": .date(PropertyDate(secondsSince2001: 0))], []),
        ("real of 4 bytes", key([0x22, 0x3F, 0xC0, 0, 0]), ["k": 1.5], []),
        ("UTF-16", key([0x62, 0xD8, 0x3D, 0xDE, 0x00]), ["k": "😀"], []),
    ]

    @Test("accepted", arguments: accepted)
    func accepts(row: String, bytes: [UInt8], value: PropertyValue, warnings: [String]) throws {
        let document = try PropertyListDocument.read(bytes, path: "b.plist")
        #expect(document.format == .binary)
        #expect(document.plain == value)
        #expect(document.warnings.map(\.code) == warnings)
    }

    /// Fifty arrays of two references each to the next: a tree of 2^50 strings in some 300 bytes.
    static var bomb: [UInt8] {
        file((0..<50).map { [0xA2, UInt8($0 + 1), UInt8($0 + 1)] } + [[0x51, 0x61]])
    }

    /// A megabyte of data to which 60,000 references point.
    static var swollen: [UInt8] {
        let count = 60_000
        let list = [0xAF, 0x11, UInt8(count >> 8), UInt8(count & 255)] + [UInt8](repeating: 1, count: count)
        let data: [UInt8] = [0x4F, 0x12, 0, 0x10, 0, 0] + [UInt8](repeating: 7, count: 1 << 20)
        var bytes = Array("bplist00".utf8)
        let offsets = [bytes.count, bytes.count + list.count]
        bytes += list + data
        let table = bytes.count
        for number in offsets + [] { bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
        bytes += [0, 0, 0, 0, 0, 0, 4, 1]
        for number in [2, 0, table] { bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
        return bytes
    }

    static let refused: [(String, [UInt8])] = [
        ("301", Array(key([0x09]).dropLast(5))),
        ("303", file([[0x09]], header: "bplist15")), ("304", file([[0x09]], header: "bplist16")),
        ("305", Array("bplist00".utf8)),
        ("311", key([0x0F])), ("313", key([0xC1, 1])), ("314", file([[0xA1, 0]])),
        ("314 through a dictionary", file([[0xD1, 1, 2], [0x51, 0x6B], [0xA1, 0]])),
        ("315", file([[0xD1, 1, 2], [0x10, 5], [0x51, 0x61]])),
        ("320", key([0x61, 0xD8, 0x00])), ("321", key([0x52, 0xE9, 0xE8])), ("322", file([[0xA1, 9]])),
        ("323", key([0x5F, 0x13, 0x7F, 255, 255, 255, 255, 255, 255, 255])),
        ("323 of references", file([[0xAF, 0x13, 0, 0, 0, 0, 255, 255, 255, 255]])),
        ("323 of objects", file([[0x09]], count: 1 << 63)), ("324", file([[0x09]], top: 7)),
        ("325", key([0x0C, 0x51, 0x61])), ("326", key([0x0E])), ("327", key([0x71, 0x61])),
        ("329", key([0x33, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0])), ("330", key([0x21, 0x3C, 0x00])),
        ("331", file([], count: 0)), ("332", key([0x14, 0, 0, 0, 0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 8))),
        ("a string over the end of the objects", key([0x5F, 0x10, 200, 0x61])),
        ("a tree of 2^50 shared strings", bomb), ("a megabyte, shared 60,000 times", swollen),
        ("arrays, 600 in one another", nested(600)),
    ]

    static func nested(_ depth: Int) -> [UInt8] {
        var bytes = Array("bplist00".utf8)
        var offsets: [Int] = []
        for index in 1..<depth {
            offsets.append(bytes.count)
            bytes += [0xA1, UInt8(index >> 8), UInt8(index & 255)]
        }
        offsets.append(bytes.count)
        bytes.append(0xA0)
        let table = bytes.count
        for offset in offsets { bytes += [UInt8(offset >> 8), UInt8(offset & 255)] }
        bytes += [0, 0, 0, 0, 0, 0, 2, 2]
        for number in [depth, 0, table] { bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
        return bytes
    }

    @Test("refused with a position, at once", arguments: refused)
    func refuses(row: String, bytes: [UInt8]) {
        let time = ContinuousClock().measure {
            do throws(Failure) {
                let document = try PropertyListDocument.read(bytes, path: "b.plist")
                Issue.record("row \(row) was accepted as \(document.plain)")
            } catch {
                #expect(error.status == .badInput)
                #expect(error.diagnostics.first?.span != nil)
            }
        }
        #expect(time < .seconds(2))
    }

    @Test("512 arrays in one another are accepted")
    func depth() throws {
        #expect(throws: Never.self) { try PropertyListDocument.read(Self.nested(512), path: "b") }
        #expect(throws: Failure.self) { try PropertyListDocument.read(Self.nested(513), path: "b") }
    }
}
