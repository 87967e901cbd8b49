import Kernel
import Locations
import SourceText

// What lies on the disk: the record, the program, the configuration, the files of the hook.
extension Inspector {
    func record(_ image: FileImage) -> Finding {
        guard let bytes = try? kernel.readFile(root + image.path, limit: 1 << 20) else {
            return Finding(false, "\(image.path) is not there")
        }
        if !situation.isImage, let status = try? kernel.status(of: image.path, followLinks: false) {
            if let finding = wrong(status, image) { return finding }
        }
        if bytes == image.bytes { return Finding(true, image.path) }
        return Finding(
            false, HookRecord(bytes) == nil ? "\(image.path) is damaged" : "it tells of another installation")
    }

    func program(_ path: String) -> Finding {
        guard let status = try? kernel.status(of: root + path, followLinks: true) else {
            return Finding(false, "\(path) is not there")
        }
        guard status.kind == .regular, status.mode & 0o111 != 0 else {
            return Finding(false, "\(path) cannot be executed")
        }
        return Finding(true, path)
    }

    func version(of path: String) -> Finding {
        let here = try? kernel.status(of: path, followLinks: true).identity
        let own = kernel.executablePath().flatMap { try? kernel.status(of: $0, followLinks: true).identity }
        if let here, here == own { return Finding(true, version) }
        let said = words(of: path)
        if said == version { return Finding(true, version) }
        return Finding(false, "\(path) is \(said.isEmpty ? "no svinstall" : said), and this is \(version)")
    }

    func configuration(_ path: String?) -> Finding {
        guard let path else { return Finding(true, "the built-in default") }
        guard let problem = facts.problem else { return Finding(true, path) }
        var finding = Finding(false, problem.hasPrefix("/") ? problem : "\(path): \(problem)")
        if facts.isMissing {
            let places = Places(situation.hook.daemonScope, environment: kernel.environment, home: situation.hook.home)
            finding.remedy =
                path == places.configurationFile
                ? "svinstall init" : "put it there, or name another: \(situation.install) -c PATH"
        }
        return finding
    }

    func directories(_ paths: [String]) -> Finding {
        for path in paths where (try? kernel.status(of: root + path, followLinks: true))?.kind != .directory {
            return Finding(false, "\(path) is not there")
        }
        return Finding(true, paths.joined(separator: ", "))
    }

    func files(_ files: [FileImage], _ links: [LinkImage]) -> Finding {
        for file in files {
            let finding = self.file(file)
            if !finding.holds { return finding }
        }
        for link in links where (try? kernel.readSymbolicLink(root + link.path)) != link.target {
            var finding = Finding(false, "\(link.path) does not lead to \(link.target)")
            if let kind = (try? kernel.status(of: root + link.path, followLinks: false))?.kind, kind != .symbolicLink {
                finding.remedy = movedAside(root + link.path)
            }
            return finding
        }
        return Finding(true, files.first?.path ?? links.first?.path ?? "the crontab")
    }

    private func file(_ file: FileImage) -> Finding {
        let path = root + file.path
        guard let status = try? kernel.status(of: path, followLinks: false) else {
            return Finding(false, "\(file.path) is not there")
        }
        if status.kind == .symbolicLink {
            // Nothing is written through it or in its place: whose it is only a person can say.
            let isMask = situation.hook.system == .systemd && (try? kernel.readSymbolicLink(path)) == "/dev/null"
            var finding = Finding(
                false, isMask ? "\(file.path) leads to /dev/null: it is masked" : "\(file.path) is a symbolic link")
            finding.remedy =
                isMask && !situation.isImage
                ? "\(situation.hook.systemctl(["unmask", situation.hook.unitName])) && \(situation.install)"
                : "rm \(ShellWords.quote(path)) && \(situation.install)"
            return finding
        }
        guard status.kind == .regular else {
            var finding = Finding(false, "\(file.path) is no file")
            finding.remedy = movedAside(path)
            return finding
        }
        if let finding = wrong(status, file) { return finding }
        guard let bytes = try? kernel.readFile(path, limit: 1 << 20) else {
            return Finding(false, "\(file.path) cannot be read")
        }
        if bytes == file.bytes { return Finding(true, file.path) }
        guard situation.record.files[file.path] == HookRecord.fingerprint(bytes) else {
            return Finding(false, "\(file.path) was edited since it was installed")
        }
        return Finding(!wantsCurrent, "\(file.path)" + (wantsCurrent ? " is not up to date" : ""))
    }

    private func movedAside(_ path: String) -> String {
        "mv \(ShellWords.quote(path)) \(ShellWords.quote(path + ".old")) && \(situation.install)"
    }

    /// A mode or an owner that is not as it shall be. Whose the files of a tree are is the business of who makes it.
    private func wrong(_ status: FileStatus, _ file: FileImage) -> Finding? {
        if status.mode != file.mode {
            let wanted = Digits.octal(UInt64(file.mode), width: 4)
            return Finding(false, "\(file.path) has mode \(Digits.octal(UInt64(status.mode), width: 4)), not \(wanted)")
        }
        let owner = situation.hook.scope == .system ? 0 : situation.hook.userID
        guard status.user != owner, !situation.isImage else { return nil }
        return Finding(false, "\(file.path) belongs to user \(status.user), not \(owner)")
    }
}
