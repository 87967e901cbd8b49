import Kernel

/// An open log: a file of a path, or one of our own descriptors.
enum LogOutlet<K: SystemCalls>: Sendable {
    case file(RotatingFile<K>)
    case inherited(InheritedLog<K>)
    case nothing

    /// The outlet of a destination, not opened yet. `complaints` are those of the file when it was last open; `inherited`
    /// gives the writer of a descriptor.
    init(
        _ destination: LogDestination, _ kernel: K, complaints: LogComplaints? = nil,
        inherited: (Descriptor) -> InheritedLog<K>
    ) {
        switch destination {
        case .file: self = .file(RotatingFile(destination, kernel, complaints ?? LogComplaints()))
        case .inherited(let descriptor, _): self = .inherited(inherited(descriptor))
        case .none: self = .nothing
        }
    }

    /// Opens (or opens anew) a file.
    mutating func open() throws(SystemError) {
        guard case .file(var file) = self else { return }
        self = .nothing
        defer { self = .file(file) }
        try file.open()
    }

    /// Takes an open descriptor of a file over, and closes the one in use.
    mutating func adopt(_ fresh: Descriptor, _ kernel: K) {
        guard case .file(var file) = self else { return kernel.close(fresh) }
        self = .nothing
        file.adopt(fresh)
        self = .file(file)
    }

    mutating func close() {
        guard case .file(var file) = self else { return }
        file.close()
        self = .file(file)
    }

    /// Which file is open; `nil` for what is none.
    var identity: FileStatus.Identity? {
        if case .file(let file) = self { file.identity } else { nil }
    }

    /// The file that is open, and how long it is; `nil` for what is none.
    func place(_ kernel: K) -> FileStatus? {
        guard case .file(let file) = self, let descriptor = file.descriptor,
            let status = try? kernel.status(of: descriptor), status.kind == .regular
        else { return nil }
        return status
    }

    var isOpen: Bool {
        switch self {
        case .file(let file): file.descriptor != nil
        case .inherited: true
        case .nothing: false
        }
    }

    /// Whether those who can pause should, until it takes bytes again.
    var isFull: Bool {
        switch self {
        case .file(let file): file.isFull
        case .inherited(let log): log.isFull
        case .nothing: false
        }
    }

    /// What is to be watched for room, where nobody else says when there is some.
    var crowded: Descriptor? {
        if case .file(let file) = self, file.isFull { file.descriptor } else { nil }
    }

    mutating func writeWaiting() {
        guard case .file(var file) = self else { return }
        self = .nothing
        file.writeWaiting()
        self = .file(file)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .file(var file):
            // One owner at a time: no copy of the file's state for each write.
            self = .nothing
            file.append(bytes)
            self = .file(file)
        case .inherited(let log): log.append(bytes)
        case .nothing: break
        }
    }

    mutating func takeComplaints() -> [LogComplaint] {
        switch self {
        case .file(var file):
            let news = file.takeComplaints()
            if !news.isEmpty { self = .file(file) }
            return news
        case .inherited(let log): return log.takeComplaints()
        case .nothing: return []
        }
    }

    /// The complaints of a file that cannot be written.
    var loss: LogComplaints? {
        if case .file(let file) = self, file.complaints.isLosing { file.complaints } else { nil }
    }
}
