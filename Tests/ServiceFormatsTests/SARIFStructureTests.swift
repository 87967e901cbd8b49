import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import Testing

/// The structure that the schema of SARIF 2.1.0 demands, and what GitHub's code scanning asks for besides.
@Suite struct SARIFStructureTests {
    /// An object of the schema: what it must have, and what else it may have of what we write.
    private struct Shape {
        let required: Set<String>
        let allowed: Set<String>

        init(_ required: Set<String>, and others: Set<String> = []) {
            self.required = required
            allowed = required.union(others)
        }
    }

    // Required beyond the schema, for GitHub: `$schema`, texts of rules, locations and fingerprints of results.
    private static let root = Shape(["$schema", "version", "runs"])
    private static let run = Shape(["tool", "results", "columnKind"])
    private static let driver = Shape(["name", "rules"])
    private static let rule = Shape(
        ["id", "shortDescription", "fullDescription", "help"], and: ["name", "defaultConfiguration"])
    private static let result = Shape(
        ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"], and: ["relatedLocations"])
    private static let location = Shape(["physicalLocation"], and: ["message"])
    private static let physicalLocation = Shape(["artifactLocation", "region"])
    private static let region = Shape(["startLine", "startColumn", "endLine", "endColumn"])

    private func members(_ value: PropertyValue?, _ shape: Shape, _ name: String) throws -> PropertyDictionary {
        let members = try #require(value?.dictionary, "\(name) is no object")
        let keys = Set(members.entries.map(\.key))
        #expect(keys.isSuperset(of: shape.required) && keys.isSubset(of: shape.allowed), "\(name): \(keys)")
        return members
    }

    private func text(_ value: PropertyValue?) -> String? {
        guard case .string(let text)? = value else { return nil }
        return text
    }

    private func check(location value: PropertyValue) throws {
        let outer = try members(value, Self.location, "location")
        let place = try members(outer["physicalLocation"], Self.physicalLocation, "physicalLocation")
        let uri = try #require(text(place["artifactLocation"]?["uri"]))
        // RFC 3986: nothing but these, and no scheme other than file.
        #expect(!uri.isEmpty && (!uri.hasPrefix("/") || uri.hasPrefix("file:///")))
        #expect(
            uri.unicodeScalars.allSatisfy {
                $0.isASCII && $0.value > 0x20 && !"\"<>\\^`{|}".unicodeScalars.contains($0)
            })
        let region = try members(place["region"], Self.region, "region")
        let numbers = ["startLine", "startColumn", "endLine", "endColumn"].map { region[$0]?.integer ?? 0 }
        #expect(numbers.allSatisfy { $0 >= 1 })
        #expect((numbers[0], numbers[1]) <= (numbers[2], numbers[3]))
    }

    @Test(arguments: GeneratedRoundTripTests.Pairing.all)
    func `every report has the structure that the schema demands`(pairing: GeneratedRoundTripTests.Pairing) throws {
        for seed in 1...20 {
            let file = GeneratedRoundTripTests.file(pairing.from, seed: seed)
            guard let done = try? Sample.convert(file, pairing.through, to: pairing.through) else { continue }
            let report = ReportRendering.render(done.reports, problems: done.diagnostics, as: .sarif)
            let bytes = Array(report.utf8)
            let log = try members(PropertyListDocument.read(bytes, path: "r.json").plain, Self.root, "log")
            #expect(log["version"] == "2.1.0")
            #expect(text(log["$schema"])?.hasSuffix("sarif-2.1.0.json") == true)
            let run = try members(log["runs"]?.array?.first, Self.run, "run")
            #expect(run["columnKind"] == "unicodeCodePoints")
            let driver = try members(run["tool"]?["driver"], Self.driver, "driver")
            let rules = try #require(driver["rules"]?.array)
            let ids = rules.map { text($0["id"]) ?? "" }
            #expect(Set(ids).count == ids.count)
            for rule in rules {
                let members = try members(rule, Self.rule, "rule")
                for key in ["shortDescription", "fullDescription", "help"] {
                    #expect(text(members[key]?["text"])?.isEmpty == false)
                }
            }
            var fingerprints: Set<String> = []
            for value in try #require(run["results"]?.array) {
                let result = try members(value, Self.result, "result")
                let index = Int(result["ruleIndex"]?.integer ?? -1)
                #expect(ids.indices.contains(index) && ids[index] == text(result["ruleId"]))
                #expect(["none", "note", "warning", "error"].contains(text(result["level"]) ?? ""))
                #expect(text(result["message"]?["text"])?.isEmpty == false)
                for location in (result["locations"]?.array ?? []) + (result["relatedLocations"]?.array ?? []) {
                    try check(location: location)
                }
                let prints = try #require(result["partialFingerprints"]?.dictionary)
                for entry in prints.entries {
                    #expect(fingerprints.insert(text(entry.value) ?? "").inserted, "two results of one fingerprint")
                }
            }
        }
    }

    @Test func `a report without a fault is a valid log without results`() throws {
        let bytes = Array(ReportRendering.render([], as: .sarif).utf8)
        let log = try members(PropertyListDocument.read(bytes, path: "r.json").plain, Self.root, "log")
        #expect(log["runs"]?.array?.first?["results"] == [])
    }
}
