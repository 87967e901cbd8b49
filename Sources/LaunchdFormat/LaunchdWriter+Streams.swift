import PropertyList
import ServiceModel
import SourceText

/// Standard input, output and error.
extension LaunchdJob {
    mutating func writeStreams() {
        switch service.standardInput?.value {
        case nil: break
        case .null?: log.exact(.standardInput, "input", nil)
        case .file(let path)?:
            put("StandardInPath", value: .string(path))
            log.exact(.standardInput, "input", "StandardInPath")
        case .pipe?:
            log.approximated(.standardInput, "input", nil, why: "the job reads /dev/null, nobody can write to it")
        case .socket?:
            if entries.contains(where: { $0.path.first == "inetdCompatibility" }) {
                log.exact(.standardInput, "input", "inetdCompatibility")
            } else {
                log.dropped(
                    .standardInput, "input", why: "no socket is held that it could be",
                    remedy: "add Sockets, and inetdCompatibility")
            }
        }
        let output = writeSink(
            service.effective(\.standardOutput, \.standardOutput), isSet: service.standardOutput != nil,
            key: "StandardOutPath", field: .standardOutput, suffix: "stdout")
        var error = service.effective(\.standardError, \.standardError)
        var isSame = false
        if error == .sameAsOutput {
            isSame = true
            error = output.map(OutputSink.file) ?? .null
        }
        let isErrorSet = service.standardError != nil
        if isSame, let output {
            put("StandardErrorPath", value: .string(output))
            log.written(
                .standardError, "output", "StandardErrorPath", isSet: isErrorSet, why: differs(from: "/dev/null"))
        } else if isSame {
            if isErrorSet { log.exact(.standardError, "output", nil) }
        } else {
            writeSink(
                error, isSet: isErrorSet, key: "StandardErrorPath", field: .standardError, suffix: "stderr")
        }
        for (field, rotation) in [
            (ServiceField.outputRotation, service.outputRotation), (.errorRotation, service.errorRotation),
        ] {
            guard let rotation else { continue }
            if rotation.value.maximumBytes.bytes == 0 {
                log.exact(field, "rotation", nil)
            } else {
                log.dropped(
                    field, "rotation", why: "launchd never rotates a log file",
                    remedy: "add the file to /etc/newsyslog.d")
            }
        }
    }

    /// Writes one stream; the path it goes to, if any.
    @discardableResult
    private mutating func writeSink(
        _ sink: OutputSink, isSet: Bool, key: String, field: ServiceField, suffix: String
    ) -> String? {
        switch sink {
        case .null:
            if isSet { log.exact(field, "output", nil) }
            return nil
        case .file(let path):
            put(key, value: .string(path))
            log.written(field, "output", key, isSet: isSet, why: differs(from: "/dev/null"))
            return path
        case .automatic:
            guard let directory = automaticLogDirectory else {
                lose(field, isSet: isSet, what: "log file that it names itself")
                return nil
            }
            let name = service.name.value.replacing("/", with: "_")
            let path = "\(directory)/\(name)-\(suffix).log"
            put(key, value: .string(path))
            let why = "a fixed name in the directory of child logs; launchd neither rotates nor removes it"
            if isSet {
                log.approximated(field, "output", "\(key)=\(path)", why: why)
            } else {
                log.differing(field, "output", "\(key)=\(path)", why: why)
            }
            return path
        case .journal: lose(field, isSet: isSet, what: "journal")
        case .syslog: lose(field, isSet: isSet, what: "syslog")
        case .inherit: lose(field, isSet: isSet, what: "output of its own to share")
        case .sameAsOutput: if isSet { log.exact(field, "output", nil) }
        }
        return nil
    }

    private mutating func lose(_ field: ServiceField, isSet: Bool, what: String) {
        let why = "launchd has no \(what): what the program writes goes to /dev/null"
        let key = field == .standardError ? "StandardErrorPath" : "StandardOutPath"
        let remedy = "name a log file in \(key)"
        if isSet {
            log.dropped(field, "output", why: why, remedy: remedy)
        } else {
            log.differing(field, "output", nil, why: why, remedy: remedy)
        }
    }
}
