import PropertyList
import ServiceFormats
import SourceText
import SupervisorFormat
import SystemdFormat
import Testing

/// A file whose keys are looked at and changed as a person would do it with an editor.
struct NativeFile {
    let format: Format
    var file: InputFile

    func value(_ path: [String]) throws -> String? {
        switch format {
        case .plist:
            return try PropertyListDocument.read(file.bytes, path: "").plain[path[0]].map { "\($0.sorted)" }
        case .systemd:
            let values = try UnitDocument(path: "", bytes: unit(path)?.bytes ?? []).assignments
                .filter { [$0.section, $0.key] == path.suffix(2) }.map(\.value)
            return values.isEmpty ? nil : values.joined(separator: "\n")
        default:
            let document = try IniDocument(path: "", bytes: file.bytes)
            let section = try #require(document.sections.map(\.name).first { $0.hasPrefix("program:") })
            return document.value(path[0], in: section)
        }
    }

    /// The unit that a path is about: of three parts the first is the kind of a unit that starts the service.
    private func unit(_ path: [String]) -> InputFile? {
        path.count < 3 ? file : file.companions.first { $0.path.hasSuffix("." + path[0]) }
    }

    mutating func set(_ path: [String], to value: PropertyValue) throws {
        guard case .dictionary(var job) = try PropertyListDocument.read(file.bytes, path: "").plain else { return }
        job[path[0]] = value
        file.bytes = try XMLPropertyListWriter.write(.dictionary(job))
    }

    mutating func set(_ path: [String], to value: String) throws {
        guard format == .systemd else {
            var document = try IniDocument(path: "", bytes: file.bytes)
            let section = try #require(document.sections.map(\.name).first { $0.hasPrefix("program:") })
            // Who writes one of these takes the other away.
            let pair = ["restart_delay", "restart_throttle"]
            for other in pair where pair.contains(path[0]) && other != path[0] {
                try? document.remove(other, from: section)
            }
            try document.set(path[0], in: section, to: value)
            file.bytes = document.bytes
            return
        }
        let old = unit(path)
        let bytes = Self.text(try UnitDocument(path: "", bytes: old?.bytes ?? []), with: path.suffix(2), value)
        if path.count < 3 {
            file.bytes = bytes
        } else {
            let stem = file.path.replacing(".service", with: "")
            file.companions.removeAll { $0.path == old?.path }
            file.companions.append(
                InputFile(path: old?.path ?? "\(stem).\(path[0])", bytes: bytes, looksAround: false))
        }
    }

    /// A unit with a key of its own value instead of those that it has.
    private static func text(_ document: UnitDocument, with path: ArraySlice<String>, _ value: String) -> [UInt8] {
        let (section, key) = (path.first ?? "", path.last ?? "")
        var text = ""
        var isThere = false
        for (line, bytes) in document.lines {
            if case .assignment(let assignment) = line, [assignment.section, assignment.key] == path { continue }
            text += String(decoding: bytes, as: UTF8.self)
            if case .header(let name) = line, name == section, !isThere {
                text += "\(key)=\(value)\n"
                isThere = true
            }
        }
        if !isThere { text += "\n[\(section)]\n\(key)=\(value)\n" }
        return Array(text.utf8)
    }

    func converted(to format: Format) throws -> NativeFile {
        NativeFile(format: format, file: try Sample.converted(file, to: format))
    }
}
