import Locations
import SourceText

/// What must hold for svinstall to run at boot, link by link; the names are those of `agent status --json`.
package enum LinkName: String, Hashable, Sendable, CaseIterable {
    case record, program, version, configuration, trust, rivals, directories, file, manager, linger, enabled, override
    case loaded, running, answers, stopTime = "stop-time"
}

/// How a link is looked at.
package enum Check: Hashable, Sendable {
    case record(FileImage)
    case program(String)
    case version(String)
    case configuration(String?)
    /// Only root can write these.
    case trust([String])
    case rivals
    case directories([String])
    case files([FileImage], links: [LinkImage])
    /// The init has the files in mind as they are.
    case settled
    case linger(String)
    case enabled(BootLink?)
    case notOverridden
    case loaded
    case running
    case answers(socket: String)
    case stopTime(FileImage?)
}

/// One link: how it is checked, brought about and undone, and what a person types to mend it.
package struct ChainLink: Hashable, Sendable {
    package var name: LinkName
    package var check: Check
    /// Empty where only a person can bring it about.
    package var make: [Step] = []
    package var undo: [Step] = []
    package var remedy: String
    /// Without it the hook works, but less well: an installation goes on.
    package var isOptional = false
    /// It must hold before anything is changed.
    package var isPrecondition = false
}

/// What was seen of a link.
package struct Finding: Hashable, Sendable {
    package var holds: Bool
    /// What there is, or what is wrong.
    package var detail: String
    /// What mends just this, where it is not what mends the link in general.
    package var remedy: String?

    package init(_ holds: Bool, _ detail: String) {
        self.holds = holds
        self.detail = detail
    }
}

/// Everything a chain is made from; a value, so that a chain is a pure function of it.
package struct Situation: Sendable {
    package var hook: Hook
    package var procedure: Procedure
    package var record: HookRecord
    package var recordPath: String
    /// Where the daemon answers.
    package var socket: String
    /// Files of the configuration, its includes too.
    package var configurationFiles: [String]
    /// Our own file, to copy.
    package var executable: String?
    /// The tree that the hook is for: nothing is started, nobody is asked.
    package var tree: String?
    package var isImage: Bool { tree != nil }

    /// The links in the order in which they are made; they are undone from the end.
    package var chain: [ChainLink] {
        var links = [recordLink, programLink]
        if !isImage { links += preconditions }
        if !procedure.directories.isEmpty {
            links.append(
                ChainLink(
                    name: .directories, check: .directories(procedure.directories),
                    make: procedure.directories.map { .makeDirectory($0) }, remedy: install))
        }
        links.append(filesLink)
        if !isImage { links += managerLinks }
        return links
    }

    /// What installs it again, into the same tree.
    package var install: String {
        hook.agent("install") + (tree.map { " --root \(ShellWords.quote($0)) --init \(hook.system.rawValue)" } ?? "")
    }

    private func verb(_ word: String) -> String { hook.agent(word) }

    private var recordLink: ChainLink {
        let image = FileImage(recordPath, record.bytes, mode: 0o644)
        let directories = record.madeDirectories.sorted { $0.utf8.count > $1.utf8.count }
        return ChainLink(
            name: .record, check: .record(image), make: [.write(image)],
            undo: [.remove(recordPath)] + directories.map { .removeDirectory($0) }, remedy: install)
    }

    private var programLink: ChainLink {
        var link = ChainLink(
            name: .program, check: .program(hook.program),
            remedy: isImage ? "put svinstall there, or name another with --program" : install,
            isPrecondition: !isImage)
        if let copy = record.copy, let executable {
            link.isPrecondition = false
            link.make = [.copy(from: executable, to: copy)]
            link.undo = [.remove(copy)]
        }
        if isImage { link.isOptional = true }
        return link
    }

    private var preconditions: [ChainLink] {
        var links = [
            ChainLink(
                name: .version, check: .version(hook.program), make: record.copy == nil ? [] : programLink.make,
                remedy: install, isOptional: true),
            ChainLink(
                name: .configuration, check: .configuration(hook.configuration),
                remedy: "svinstall check \(ShellWords.quote(hook.configuration ?? "")) # and correct what it names",
                isPrecondition: true),
        ]
        if hook.scope == .system {
            let copied = record.copy == nil ? [hook.program] : []
            links.append(
                ChainLink(
                    name: .trust, check: .trust(copied + (hook.configuration == nil ? [] : configurationFiles)),
                    remedy: "\(install) --allow PATH", isPrecondition: true))
        }
        links.append(
            ChainLink(
                name: .rivals, check: .rivals, make: record.replaced.flatMap { $0.disable(hook) },
                undo: record.replaced.flatMap { $0.restore(hook) }, remedy: install + " --replace"))
        return links
    }

    private var filesLink: ChainLink {
        let links = procedure.links + (isImage ? procedure.imageLinks : procedure.liveLinks)
        let linked = links + procedure.imageLinks.filter { !links.contains($0) }
        let removed =
            linked.map(\.path) + procedure.files.map(\.path).reversed() + procedure.leftovers
        var directories: Set<String> = []
        for path in procedure.files.dropFirst().map(\.path) + procedure.leftovers { directories.insert(parent(path)) }
        if procedure.files.count > 1, let first = procedure.files.first { directories.insert(parent(first.path)) }
        let emptied = directories.sorted { $0.utf8.count > $1.utf8.count }
        let families = procedure.leftoverFamilies.map { Step.removeEntries(of: $0.directory, prefix: $0.prefix) }
        return ChainLink(
            name: .file, check: .files(procedure.files, links: links),
            make: procedure.files.map { .write($0) } + links.map { .link($0) },
            undo: removed.map { .remove($0) } + families + emptied.map { .removeDirectory($0) }
                + (isImage ? [] : procedure.forget),
            remedy: install)
    }

    private func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    private var managerLinks: [ChainLink] {
        var links: [ChainLink] = []
        if !procedure.settle.isEmpty {
            links.append(ChainLink(name: .manager, check: .settled, make: procedure.settle, remedy: install))
        }
        if hook.system == .systemd, hook.scope == .user { links.insert(lingerLink, at: 0) }
        links.append(
            ChainLink(
                name: .enabled, check: .enabled(procedure.bootLink), make: procedure.enable, undo: procedure.disable,
                remedy: install, isOptional: procedure.bootObstacle != nil))
        links.append(
            ChainLink(
                name: .override, check: .notOverridden,
                remedy: hook.system == .systemd
                    ? hook.systemctl(["unmask", hook.unitName]).description
                    : procedure.enable.first?.description ?? install))
        if !procedure.load.isEmpty || !procedure.unload.isEmpty {
            links.append(
                ChainLink(
                    name: .loaded, check: .loaded, make: procedure.load, undo: procedure.unload, remedy: install))
        }
        links.append(
            ChainLink(
                name: .running, check: .running, make: procedure.start, undo: procedure.stop, remedy: verb("start")))
        links.append(
            ChainLink(
                name: .answers, check: .answers(socket: socket),
                make: [.wait(.answers(socket: socket), within: .seconds(60))], remedy: verb("restart")))
        links.append(
            ChainLink(name: .stopTime, check: .stopTime(procedure.files.first), remedy: install, isOptional: true))
        return links
    }

    /// loginctl(1): without it the user's systemd ends with the last session and does not start at boot.
    private var lingerLink: ChainLink {
        let on = ToolCall(["loginctl", "enable-linger", hook.userName])
        return ChainLink(
            name: .linger, check: .linger(hook.userName),
            make: [.call(on), .wait(.exists("/run/user/\(hook.userID)/systemd/private"), within: .seconds(20))],
            undo: record.turnedLingerOn
                ? [.call(ToolCall(["loginctl", "disable-linger", hook.userName]), fine: [0, 1])] : [],
            remedy: "sudo \(on)", isOptional: true)
    }
}
