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
            let values = try UnitDocument(path: "", bytes: file.bytes).assignments
                .filter { [$0.section, $0.key] == path }.map(\.value)
            return values.isEmpty ? nil : values.joined(separator: "\n")
        default:
            let document = try IniDocument(path: "", bytes: file.bytes)
            let section = try #require(document.sections.map(\.name).first { $0.hasPrefix("program:") })
            return document.value(path[0], in: section)
        }
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
        let document = try UnitDocument(path: "", bytes: file.bytes)
        var text = ""
        var isThere = false
        for (line, bytes) in document.lines {
            if case .assignment(let assignment) = line, [assignment.section, assignment.key] == path { continue }
            text += String(decoding: bytes, as: UTF8.self)
            if case .header(let name) = line, name == path[0], !isThere {
                text += "\(path[1])=\(value)\n"
                isThere = true
            }
        }
        if !isThere { text += "\n[\(path[0])]\n\(path[1])=\(value)\n" }
        file.bytes = Array(text.utf8)
    }

    func converted(to format: Format) throws -> NativeFile {
        NativeFile(format: format, file: try Sample.converted(file, to: format))
    }
}
