package import ServiceModel
package import SourceText

extension FormatRegistry {
    /// All files of one service in a format, as the converter's writer makes them; the one with the service itself comes
    /// first. A failure's status is `.usage` for a format that cannot be written.
    package static func files(
        of service: Service, as format: Format, isForUser: Bool
    ) throws(Failure) -> [Conversion.Output] {
        guard let side = Side.of(format) else {
            throw Failure(.usage, code: "format-not-yet", "writing a \(format.title) is not supported yet")
        }
        return try side.write(service, WriteContext(isForUser: isForUser)).files
    }
}
