import Kernel

/// A file, directory, socket or link of a virtual machine.
struct VirtualFile {
    var kind: FileStatus.Kind
    var mode: UInt32
    var user: UInt32 = 0
    var group: UInt32 = 0
    var bytes: [UInt8] = []
    var modified: Int64 = 0
    /// Where a symbolic link leads.
    var target = ""

    init(_ kind: FileStatus.Kind, mode: UInt32) {
        self.kind = kind
        self.mode = mode
    }
}

/// The tree of names and what they stand for. Errors are numbers; the caller knows call and path.
struct VirtualFiles {
    private var names: [String: UInt64] = [:]
    private(set) var inodes: [UInt64: VirtualFile] = [:]
    private var nextInode: UInt64 = 1
    var currentDirectory = "/"

    /// Changes the content or the attributes of a file.
    mutating func update(_ inode: UInt64, _ change: (inout VirtualFile) -> Void) {
        if var file = inodes[inode] {
            change(&file)
            inodes[inode] = file
        }
    }

    /// The path from the root, without `.`, `..` and doubled slashes; links stay.
    func absolute(_ path: String) -> String {
        var parts: [Substring] = []
        let whole = path.hasPrefix("/") ? path : currentDirectory + "/" + path
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The path with symbolic links followed; the last one only if asked.
    func resolve(_ path: String, followLast: Bool) throws(ErrorNumber) -> String {
        var current = absolute(path)
        for _ in 0..<40 {
            guard let next = try step(current, followLast: followLast) else { return current }
            current = next
        }
        throw .loop
    }

    /// Replaces the first link in a path; `nil` when there is none.
    private func step(_ path: String, followLast: Bool) throws(ErrorNumber) -> String? {
        let parts = path.split(separator: "/")
        var walked = ""
        for (index, part) in parts.enumerated() {
            let parent = walked
            walked += "/" + part
            let isLast = index == parts.count - 1
            guard let file = file(walked) else {
                if isLast { return nil }
                throw .noEntry
            }
            if file.kind == .symbolicLink, followLast || !isLast {
                let base = file.target.hasPrefix("/") ? file.target : parent + "/" + file.target
                return absolute(([base] + parts[(index + 1)...].map(String.init)).joined(separator: "/"))
            }
            if !isLast, file.kind != .directory { throw .notDirectory }
        }
        return nil
    }

    private func file(_ absolutePath: String) -> VirtualFile? { names[absolutePath].flatMap { inodes[$0] } }

    func inode(_ path: String, followLast: Bool = true) throws(ErrorNumber) -> UInt64 {
        guard let inode = names[try resolve(path, followLast: followLast)] else { throw .noEntry }
        return inode
    }

    /// Gives a new file a name, whatever stood there. For set-up and for `create`.
    mutating func add(_ path: String, _ file: VirtualFile) -> UInt64 {
        let inode = nextInode
        nextInode += 1
        inodes[inode] = file
        names[absolute(path)] = inode
        return inode
    }

    mutating func create(_ path: String, _ file: VirtualFile) throws(ErrorNumber) -> UInt64 {
        let place = try resolve(path, followLast: false)
        if names[place] != nil { throw .exists }
        try requireDirectory(parentDirectory(of: place))
        return add(place, file)
    }

    mutating func link(_ old: String, _ new: String) throws(ErrorNumber) {
        let inode = try inode(old, followLast: false)
        let place = try resolve(new, followLast: false)
        if names[place] != nil { throw .exists }
        try requireDirectory(parentDirectory(of: place))
        names[place] = inode
    }

    mutating func remove(_ path: String, directory: Bool) throws(ErrorNumber) {
        let place = try resolve(path, followLast: false)
        guard let file = file(place) else { throw .noEntry }
        if directory {
            guard file.kind == .directory else { throw .notDirectory }
            guard list(place).isEmpty else { throw .notEmpty }
        } else if file.kind == .directory {
            throw .isDirectory
        }
        // The inode stays for descriptors that have it open; a machine of a test is short-lived.
        names[place] = nil
    }

    mutating func rename(_ old: String, _ new: String) throws(ErrorNumber) {
        let from = try resolve(old, followLast: false)
        let to = try resolve(new, followLast: false)
        guard let moved = file(from) else { throw .noEntry }
        try requireDirectory(parentDirectory(of: to))
        if let present = file(to), present.kind == .directory, moved.kind != .directory { throw .isDirectory }
        if moved.kind == .directory {
            for (name, inode) in names where name.hasPrefix(from + "/") {
                names[name] = nil
                names[to + name.dropFirst(from.count)] = inode
            }
        }
        let inode = names.removeValue(forKey: from)
        names[to] = inode
    }

    func list(_ directory: String) -> [String] {
        let prefix = directory == "/" ? "/" : directory + "/"
        return names.keys.filter { $0.hasPrefix(prefix) && $0 != "/" }.map { $0.dropFirst(prefix.count) }
            .filter { !$0.contains("/") }.map(String.init).sorted()
    }

    /// Every name, sorted.
    var paths: [String] { names.keys.sorted() }

    func requireDirectory(_ path: String) throws(ErrorNumber) {
        let inode = try inode(path)
        if inodes[inode]?.kind != .directory { throw .notDirectory }
    }
}
