package import Kernel
package import ServiceModel
package import SourceText

/// What root is about to run, as far as others can write it.
///
/// The files of a configuration decide what runs, and as whom: who writes one is root. A program's file counts only
/// where the program runs as root.
package struct PlanTrust<K: SystemCalls> {
    private let kernel: K
    private let trust: Trust<K>
    private let accounts: PatientAccounts<K>

    /// `accounts`: what the configuration's reader asks too, so that each name is waited for once. `allowed`: paths that a
    /// person accepted by name.
    package init(_ kernel: K, accounts: PatientAccounts<K>, allowed: Set<String> = []) {
        self.kernel = kernel
        self.accounts = accounts
        trust = Trust(kernel, allowed: allowed)
    }

    /// The first file that was read and that others can write; `nil` for everybody but root.
    package func weakFile(of plan: Plan) -> (file: String, place: Weakness)? {
        guard kernel.userID == 0 else { return nil }
        for file in plan.files where !Self.isOpenDescriptor(file) {
            if let place = trust.weakness(of: absolute(file)) { return (file, place) }
        }
        return nil
    }

    /// Why `svinstall run` does not run the plan.
    package func refusal(of plan: Plan) -> Failure? {
        guard let (file, place) = weakFile(of: plan) else { return nil }
        return Failure(
            .badConfiguration, code: "writable-by-others",
            "\(file): \(spot(place, file))\(place.reason), who would so command root",
            remedy: "give it to root alone, or accept it with --allow \(place.path)")
    }

    /// The same as a sentence for the log, where the original would run it.
    package func warning(of plan: Plan) -> PlanNotice? {
        weakFile(of: plan).map { file, place in
            PlanNotice(.warning, "\(file): \(spot(place, file))\(place.reason), who so commands root")
        }
    }

    /// A sentence for each file that others can write and that a program runs as root.
    package func programWarnings(of plan: Plan) -> [PlanNotice] {
        guard kernel.userID == 0, isRoot(plan.daemon.user) ?? true else { return [] }
        // Thousands of programs share a few words: each is looked up once, and each file that they name is judged once.
        var words: Set<String> = []
        var judged: Set<String> = []
        var notices: [PlanNotice] = []
        // In its place: a service is large, and little of it is looked at.
        let groups = plan.groups.span
        for place in groups.indices {
            let services = groups[place].services.span
            for index in services.indices {
                guard runsAsRoot(services[index].supervisor.userID, services[index].user),
                    case .words(let word, _)? = services[index].command?.value, words.insert(word).inserted,
                    let file = file(word), judged.insert(file).inserted, let place = trust.weakness(of: file)
                else { continue }
                notices.append(
                    PlanNotice(
                        .warning,
                        "program \(services[index].name.value) runs as root from \(file): \(spot(place, file))"
                            + place.reason))
            }
        }
        return notices
    }

    private func runsAsRoot(_ id: UInt32?, _ user: Setting<String>?) -> Bool {
        id.map { $0 == 0 } ?? isRoot(user?.value) ?? true
    }

    /// The place, unless it is the file itself, which was named already.
    private func spot(_ place: Weakness, _ file: String) -> String { place.path == file ? "" : "\(place.path) " }

    /// `nil` where nobody is named, or the user database does not answer.
    private func isRoot(_ user: String?) -> Bool? {
        guard let user else { return nil }
        if let id = UInt32(user) { return id == 0 }
        return accounts.answers(for: user) ? (try? kernel.user(named: user))??.id == 0 : nil
    }

    /// What a command's first word names, as far as the daemon's own PATH tells.
    private func file(_ word: String) -> String? {
        if word.contains("/") { return absolute(word) }
        let path = kernel.variable("PATH") ?? "/bin:/usr/bin:/usr/local/bin"
        return path.split(separator: ":").map { "\($0)/\(word)" }.first {
            (try? kernel.status(of: $0, followLinks: true)) != nil
        }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : ((try? kernel.currentDirectory()) ?? "") + "/" + path
    }

    /// What a shell has opened for us is nobody else's.
    private static func isOpenDescriptor(_ path: String) -> Bool {
        ["/dev/fd/", "/dev/stdin", "/proc/self/fd/"].contains(where: path.hasPrefix)
    }
}
