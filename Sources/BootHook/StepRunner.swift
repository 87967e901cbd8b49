import Kernel
import Locations
import SourceText

/// Does the steps of a plan, in the tree at `root` or on this machine.
struct StepRunner<K: SystemCalls> {
    let kernel: K
    /// Without a slash at its end; empty for this machine.
    var root = ""
    let scope: Scope
    /// The user's home: what lies below it is the user's.
    let home: String
    let explain: @Sendable (ToolCall, ToolAnswer) -> Explanation?
    /// Told when a step takes its time.
    let progress: (String) -> Void

    func perform(_ steps: [Step]) throws(Failure) {
        for step in steps { try perform(step) }
    }

    /// Whether it was done: a tool that had nothing to do may say so and count as well.
    @discardableResult
    func perform(_ step: Step) throws(Failure) -> Bool {
        switch step {
        case .call(let call, let fine, let again, let span): return try run(call, fine, again, span) == 0
        case .wait(let condition, let span): try wait(condition, span)
        case .crontab(let entry): try editCrontab(nil) { CronTable.edit($0, entry: entry) }
        case .cronLine(.user(let owner), let line, let isOn):
            try editCrontab(owner.id == kernel.userID ? nil : owner) { CronTable.turn(line, isOn: isOn, in: $0) }
        default:
            do throws(SystemError) {
                try change(step)
            } catch {
                throw failure(error)
            }
        }
        return true
    }

    private func failure(_ error: SystemError) -> Failure {
        if error.number == .exists || error.number == .isDirectory, let path = error.path {
            let place = ShellWords.quote(path)
            return Failure(
                .cannotCreate, code: "agent-file", "\(path) is in the way, and no file",
                remedy: "mv \(place) \(ShellWords.quote(path + ".old")) and do it again")
        }
        let isDenied = [.accessDenied, .notPermitted, .readOnly].contains(error.number)
        return Failure(
            isDenied ? .noPermission : .cannotCreate, code: "agent-file", "\(error)",
            remedy: error.number == .loop || error.number == .notDirectory
                ? "a symbolic link or a file is in the way: hooks are not written through links"
                : isDenied && kernel.userID != 0
                    ? "use --user, or run it as root" : "give a tree that you may write with --root, or mend the place")
    }

    // MARK: Files

    private var owner: UInt32? { scope == .system && kernel.userID == 0 ? 0 : nil }

    private func change(_ step: Step) throws(SystemError) {
        switch step {
        case .makeDirectory(let path): try makeDirectory(path)
        case .write(let file):
            try makeDirectory(parentDirectory(of: file.path))
            try refuseLink(root + file.path)
            try kernel.writeFileAtomically(root + file.path, file.bytes, mode: file.mode, user: owner, group: owner)
            try synchroniseDirectory(of: root + file.path)
            discardHalves(of: root + file.path)
        case .link(let link):
            try makeDirectory(parentDirectory(of: link.path))
            try place(link)
            discardHalves(of: root + link.path)
        case .copy(let source, let target):
            let bytes = try kernel.readFile(source, limit: 1 << 30)
            try makeDirectory(parentDirectory(of: target))
            try refuseLink(root + target)
            try kernel.writeFileAtomically(root + target, bytes, mode: 0o755, user: owner, group: owner)
        case .remove(let path):
            do throws(SystemError) {
                try kernel.unlink(root + path)
            } catch  where error.number == .noEntry || error.number == .notDirectory {}
            discardHalves(of: root + path)
        case .removeEntries(let directory, let prefix):
            let names = (try? kernel.list(root + directory)) ?? []
            for name in names where name.hasPrefix(prefix) { try change(.remove("\(directory)/\(name)")) }
        case .removeDirectory(let path):
            do throws(SystemError) {
                try kernel.removeDirectory(root + path)
            } catch  where [.noEntry, .notDirectory, .notEmpty, .exists].contains(error.number) {}
        case .cronLine(.file(let path), let line, let isOn):
            let mode = try kernel.status(of: root + path, followLinks: false).mode
            try refuseLink(root + path)
            let table = String(decoding: try kernel.readFile(root + path, limit: 1 << 20), as: UTF8.self)
            let fresh = CronTable.turn(line, isOn: isOn, in: table)
            guard fresh != table else { return }
            try kernel.writeFileAtomically(root + path, Array(fresh.utf8), mode: mode, user: owner, group: owner)
        case .call, .wait, .crontab, .cronLine: break
        }
    }

    /// What a killed installation has left beside a name: the file under its temporary name.
    func halves(of path: String) -> [String] {
        let directory = parentDirectory(of: path)
        let name = path.split(separator: "/").last.map { "\($0)." } ?? ""
        return ((try? kernel.list(directory)) ?? []).filter { other in
            other.hasPrefix(name) && other.hasSuffix(".new") && other.utf8.count > name.utf8.count + ".new".utf8.count
                && other.dropFirst(name.utf8.count).dropLast(".new".utf8.count).allSatisfy(\.isNumber)
        }.map { "\(directory)/\($0)" }
    }

    private func discardHalves(of path: String) {
        for half in halves(of: path) { try? kernel.unlink(half) }
    }

    /// A link under another name first, so that there is never none and never half of one.
    private func place(_ link: LinkImage) throws(SystemError) {
        let path = root + link.path
        if (try? kernel.readSymbolicLink(path)) == link.target { return }
        if let kind = (try? kernel.status(of: path, followLinks: false))?.kind, kind != .symbolicLink {
            throw SystemError("symlink", .exists, path: path)
        }
        let temporary = "\(path).\(kernel.processID).new"
        try? kernel.unlink(temporary)
        try kernel.makeSymbolicLink(temporary, to: link.target)
        do throws(SystemError) {
            try kernel.rename(temporary, to: path)
        } catch {
            try? kernel.unlink(temporary)
            throw error
        }
    }

    /// Whatever stands at the hook's name must be a file: a link there would lead the write elsewhere later on.
    private func refuseLink(_ path: String) throws(SystemError) {
        guard let status = try? kernel.status(of: path, followLinks: false) else { return }
        if status.kind == .symbolicLink { throw SystemError("open", .loop, path: path) }
        if status.kind != .regular { throw SystemError("open", .exists, path: path) }
    }

    /// The new name itself reaches the disk, so that a power cut leaves the old file or the new one.
    private func synchroniseDirectory(of path: String) throws(SystemError) {
        let directory = try kernel.open(parentDirectory(of: path), .reading)
        defer { kernel.close(directory) }
        do throws(SystemError) {
            try kernel.synchronise(directory)
        } catch  where error.number == .invalid || error.number == .notSupported {}
    }

    /// Makes a directory and its parents one by one, and refuses to walk through a symbolic link: not at all below the
    /// user's home or the tree, where others may have put one.
    private func makeDirectory(_ path: String) throws(SystemError) {
        var current = root
        var rest = path.split(separator: "/")[...]
        if root.isEmpty {
            // How the home itself is reached is the machine's business.
            if scope == .user, path.hasPrefix(home + "/") {
                current = home
                rest = path.dropFirst(home.count).split(separator: "/")[...]
            }
        } else {
            _ = try kernel.makeDirectories(root, mode: 0o755)
        }
        for part in rest {
            current += "/" + part
            if let status = try? kernel.status(of: current, followLinks: false) {
                if status.kind == .symbolicLink { throw SystemError("mkdir", .loop, path: current) }
                guard status.kind == .directory else { throw SystemError("mkdir", .notDirectory, path: current) }
            } else {
                try kernel.makeDirectory(current, mode: 0o755)
            }
        }
    }

    // MARK: Tools

    private func run(
        _ call: ToolCall, _ fine: Set<Int32>, _ again: Set<Int32>, _ span: TimeSpan
    ) throws(Failure) -> Int32 {
        let tools = ToolRunner(kernel: kernel, progress: progress)
        let end = deadline(span)
        var answer = tools.run(call)
        while !fine.contains(answer.code), again.contains(answer.code), kernel.now().monotonic < end {
            progress("'\(call)' ended with \(answer.code); trying again")
            kernel.sleep(nanoseconds: 500_000_000)
            answer = tools.run(call)
        }
        guard !fine.contains(answer.code) else { return answer.code }
        throw failure(of: call, answer)
    }

    func failure(of call: ToolCall, _ answer: ToolAnswer) -> Failure {
        let meaning = explain(call, answer)
        let words = answer.words.isEmpty ? "" : ": \(answer.words)"
        return Failure(
            meaning?.remedy.hasPrefix("sudo") == true ? .noPermission : .systemError, code: "agent-tool",
            "'\(call)' ended with \(answer.code)\(words)" + (meaning.map { " - \($0.cause)" } ?? ""),
            remedy: meaning?.remedy ?? "svinstall agent status tells what is missing")
    }

    private func deadline(_ span: TimeSpan) -> Int64 {
        span.finiteNanoseconds.map { kernel.now().monotonic + $0 } ?? .max
    }

    private func wait(_ condition: Condition, _ span: TimeSpan) throws(Failure) {
        let start = kernel.now().monotonic
        let end = deadline(span)
        var pace = ProgressPace()
        var pause: Int64 = 5_000_000
        while !holds(condition) {
            let now = kernel.now().monotonic
            if now >= end { throw tooLate(condition, span) }
            if let seconds = pace.due(now - start) {
                progress("\(Step.wait(condition, within: span).description) (\(seconds) s)")
            }
            kernel.sleep(nanoseconds: pause)
            pause = min(pause * 2, 200_000_000)
        }
    }

    /// Milliseconds that a daemon may think before it answers.
    static var patience: Int64 { 5_000 }

    func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .answers(let socket): ControlSocket.responds(socket, within: Self.patience, kernel)
        case .silent(let socket): !ControlSocket.answers(socket, kernel)
        case .exists(let path): (try? kernel.status(of: path, followLinks: true)) != nil
        case .code(let call, let code): ToolRunner(kernel: kernel).run(call).code == code
        }
    }

    private func tooLate(_ condition: Condition, _ span: TimeSpan) -> Failure {
        let what =
            switch condition {
            case .answers(let socket): "the daemon does not answer at \(socket)"
            case .silent(let socket): "a daemon still answers at \(socket)"
            case .exists(let path): "\(path) does not appear"
            case .code(let call, let code): "'\(call)' does not end with \(code)"
            }
        return Failure(
            .unreachable, code: "agent-late", "\(what) after \(span)",
            remedy: "svinstall agent status tells why; then run it again")
    }

    /// Our own crontab, or as root another user's.
    private func editCrontab(_ owner: Owner?, _ edit: (String) -> String) throws(Failure) {
        let tools = ToolRunner(kernel: kernel)
        let tool = ["crontab"] + (owner.map { ["-u", $0.name] } ?? [])
        let list = ToolCall(tool + ["-l"])
        let answer = tools.run(list)
        // 1: there is none yet.
        guard answer.code == 0 || answer.code == 1 else { throw failure(of: list, answer) }
        let table = answer.code == 0 ? answer.output : ""
        let fresh = edit(table)
        if fresh == table { return }
        let call =
            fresh.isEmpty ? ToolCall(tool + ["-r"]) : ToolCall(tool + ["-"], input: fresh)
        let done = tools.run(call)
        guard done.code == 0 else { throw failure(of: call, done) }
    }
}
