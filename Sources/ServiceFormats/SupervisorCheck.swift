import ServiceModel
import SourceText
import SupervisorFormat

/// All that is wrong in a supervisor config, where the daemon stops at the first: what was found is blanked out, byte
/// for byte so that everything else keeps its place, and the rest is read again.
enum SupervisorCheck {
    /// Problems of one file that are looked for.
    private static let limit = 50

    /// What was found, and the file without it; where that cannot be read either, `rest` is `nil`.
    static func problems(
        _ file: InputFile, after first: Failure, world: any ConfigurationWorld
    ) -> (found: [Diagnostic], rest: InputFile?) {
        var found = first.diagnostics
        var rest = file
        for _ in 0..<limit {
            guard let place = found.last?.span, place.file == file.path,
                let bytes = blanking(line: place.start.line, in: rest.bytes)
            else { return (found, nil) }
            rest.bytes = bytes
            do throws(Failure) {
                _ = try FormatRegistry.inspect(rest, as: .supervisor, world: world)
                return (found, rest)
            } catch {
                let isNew = !found.contains { $0.span == error.diagnostics.last?.span }
                guard isNew, error.diagnostics.last?.span?.file == file.path else { return (found, nil) }
                found += error.diagnostics
            }
        }
        return (found, nil)
    }

    /// The bytes with blanks for the key on that line and what continues it, or for the whole section where the line is
    /// its header. A program keeps a command. `nil` where there is nothing to blank out.
    private static func blanking(line number: Int, in bytes: [UInt8]) -> [UInt8]? {
        let file = TextFile(path: "", bytes: bytes)
        guard number >= 1, number <= file.lineCount else { return nil }
        func first(_ number: Int) -> UInt8? { file.line(number).first }
        func isBlank(_ byte: UInt8?) -> Bool { byte == nil || byte == 0x20 || byte == 9 }
        var start = number
        while start > 1, isBlank(first(start)) { start -= 1 }
        let isHeader = first(start) == UInt8(ascii: "[")
        var end = start + 1
        while end <= file.lineCount, isHeader ? first(end) != UInt8(ascii: "[") : isBlank(first(end)) { end += 1 }
        var result = bytes
        for line in start..<end {
            for index in file.line(line).indices { result[index] = UInt8(ascii: " ") }
        }
        let command = Array("command=x".utf8)
        let line = file.line(start)
        if !isHeader, line.count >= command.count, line.starts(with: command.prefix(7)) {
            result.replaceSubrange(line.startIndex..<line.startIndex + command.count, with: command)
        }
        return result == bytes ? nil : result
    }
}
