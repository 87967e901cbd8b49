import Kernel
package import ServiceModel

/// Whether all programs of a plan can run at once with the descriptors that we may open (`RLIMIT_NOFILE`). Each that
/// cannot says so when it is started; this says once, beforehand, how many fit.
package struct DescriptorNeeds: Sendable {
    /// Log, sockets, clients and the ends that a child takes with it.
    private static let own = 64

    private var needs: [Int] = []

    package init(_ plan: Plan) {
        // In its place: a service is large, and no more is looked at than where it reads and writes.
        let groups = plan.groups.span
        for place in groups.indices {
            let services = groups[place].services.span
            for index in services.indices {
                needs.append(
                    Self.needed(
                        services[index].dialect, services[index].standardInput, services[index].standardOutput,
                        services[index].standardError))
            }
        }
    }

    /// One line when they do not all fit into `limit`, else nothing; `nil` = there is no limit.
    package func notices(limit: UInt64?) -> [PlanNotice] {
        guard let limit = limit.map({ Int(clamping: $0) }) else { return [] }
        let all = needs.reduce(Self.own, +)
        guard all > limit else { return [] }
        var left = limit - Self.own
        let fitting = needs.prefix { need in
            left -= need
            return left >= 0
        }
        return [
            PlanNotice(
                .warning,
                "all \(needs.count) programs together need \(all) file descriptors and \(limit) are allowed, which is "
                    + "enough for \(fitting.count) of them: raise the limit (ulimit -n, LimitNOFILE=) or let programs "
                    + "share a log or keep none")
        ]
    }

    /// What a program that runs keeps open in the daemon: its pidfd, our ends of its pipes, its log files.
    private static func needed(
        _ dialect: Dialect, _ input: Setting<InputSource>?, _ output: Setting<OutputSink>?,
        _ error: Setting<OutputSink>?
    ) -> Int {
        let input = input?.value ?? dialect.defaults.standardInput
        let output = output?.value ?? dialect.defaults.standardOutput
        let error = error?.value ?? dialect.defaults.standardError
        return 1 + (input == .pipe ? 1 : 0) + needed(by: output) + needed(by: error)
    }

    private static func needed(by sink: OutputSink) -> Int {
        switch sink {
        case .file, .automatic, .journal, .syslog: 2
        case .null, .inherit, .sameAsOutput: 0
        }
    }
}

extension SystemCalls {
    /// How many descriptors we may have open; `nil` = as many as we like.
    var descriptorLimit: UInt64? { (try? limit(.openFiles))?.soft }
}
