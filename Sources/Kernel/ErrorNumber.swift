import CPlatform

/// An errno value of this system, with its name.
package struct ErrorNumber: Error, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// What the last failed call of this thread left behind.
    static var current: ErrorNumber { ErrorNumber(svi_errno()) }

    /// `ENOENT`; `errno 999` for a number without a name.
    package var name: String { Self.names[rawValue] ?? "errno \(rawValue)" }

    /// The system's words, e.g. `No such file or directory`.
    package var message: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress else { return name }
            svi_error_text(rawValue, start, buffer.count)
            return String(cString: start)
        }
    }

    package var description: String { name }

    package static let notPermitted = ErrorNumber(EPERM)
    package static let noEntry = ErrorNumber(ENOENT)
    package static let noDeviceOrAddress = ErrorNumber(ENXIO)
    package static let noProcess = ErrorNumber(ESRCH)
    package static let interrupted = ErrorNumber(EINTR)
    package static let inputOutput = ErrorNumber(EIO)
    package static let argumentsTooLong = ErrorNumber(E2BIG)
    package static let notExecutable = ErrorNumber(ENOEXEC)
    package static let badDescriptor = ErrorNumber(EBADF)
    package static let noChild = ErrorNumber(ECHILD)
    package static let again = ErrorNumber(EAGAIN)
    package static let noMemory = ErrorNumber(ENOMEM)
    package static let accessDenied = ErrorNumber(EACCES)
    package static let exists = ErrorNumber(EEXIST)
    package static let notDirectory = ErrorNumber(ENOTDIR)
    package static let isDirectory = ErrorNumber(EISDIR)
    package static let invalid = ErrorNumber(EINVAL)
    package static let tableFull = ErrorNumber(ENFILE)
    package static let tooManyOpenFiles = ErrorNumber(EMFILE)
    package static let fileTooLarge = ErrorNumber(EFBIG)
    package static let noSpace = ErrorNumber(ENOSPC)
    package static let readOnly = ErrorNumber(EROFS)
    package static let brokenPipe = ErrorNumber(EPIPE)
    package static let nameTooLong = ErrorNumber(ENAMETOOLONG)
    package static let notImplemented = ErrorNumber(ENOSYS)
    package static let notEmpty = ErrorNumber(ENOTEMPTY)
    package static let loop = ErrorNumber(ELOOP)
    package static let crossDevice = ErrorNumber(EXDEV)
    package static let addressInUse = ErrorNumber(EADDRINUSE)
    package static let connectionRefused = ErrorNumber(ECONNREFUSED)
    package static let connectionReset = ErrorNumber(ECONNRESET)
    package static let timedOut = ErrorNumber(ETIMEDOUT)
    package static let hostUnreachable = ErrorNumber(EHOSTUNREACH)
    package static let notSupported = ErrorNumber(ENOTSUP)
    package static let quotaExceeded = ErrorNumber(EDQUOT)
}

extension ErrorNumber {
    /// The errors of POSIX and those both systems share. EWOULDBLOCK and EOPNOTSUPP are other names of EAGAIN and
    /// ENOTSUP and left out.
    private static let names: [Int32: String] = [
        E2BIG: "E2BIG", EACCES: "EACCES", EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL",
        EAFNOSUPPORT: "EAFNOSUPPORT", EAGAIN: "EAGAIN", EALREADY: "EALREADY", EBADF: "EBADF", EBADMSG: "EBADMSG",
        EBUSY: "EBUSY", ECANCELED: "ECANCELED", ECHILD: "ECHILD", ECONNABORTED: "ECONNABORTED",
        ECONNREFUSED: "ECONNREFUSED", ECONNRESET: "ECONNRESET", EDEADLK: "EDEADLK", EDESTADDRREQ: "EDESTADDRREQ",
        EDOM: "EDOM", EDQUOT: "EDQUOT", EEXIST: "EEXIST", EFAULT: "EFAULT", EFBIG: "EFBIG", EHOSTDOWN: "EHOSTDOWN",
        EHOSTUNREACH: "EHOSTUNREACH", EIDRM: "EIDRM", EILSEQ: "EILSEQ", EINPROGRESS: "EINPROGRESS", EINTR: "EINTR",
        EINVAL: "EINVAL", EIO: "EIO", EISCONN: "EISCONN", EISDIR: "EISDIR", ELOOP: "ELOOP", EMFILE: "EMFILE",
        EMLINK: "EMLINK", EMSGSIZE: "EMSGSIZE", EMULTIHOP: "EMULTIHOP", ENAMETOOLONG: "ENAMETOOLONG",
        ENETDOWN: "ENETDOWN", ENETRESET: "ENETRESET", ENETUNREACH: "ENETUNREACH", ENFILE: "ENFILE",
        ENOBUFS: "ENOBUFS", ENODEV: "ENODEV", ENOENT: "ENOENT", ENOEXEC: "ENOEXEC", ENOLCK: "ENOLCK",
        ENOLINK: "ENOLINK", ENOMEM: "ENOMEM", ENOMSG: "ENOMSG", ENOPROTOOPT: "ENOPROTOOPT", ENOSPC: "ENOSPC",
        ENOSYS: "ENOSYS", ENOTBLK: "ENOTBLK", ENOTCONN: "ENOTCONN", ENOTDIR: "ENOTDIR", ENOTEMPTY: "ENOTEMPTY",
        ENOTRECOVERABLE: "ENOTRECOVERABLE", ENOTSOCK: "ENOTSOCK", ENOTSUP: "ENOTSUP", ENOTTY: "ENOTTY",
        ENXIO: "ENXIO", EOVERFLOW: "EOVERFLOW", EOWNERDEAD: "EOWNERDEAD", EPERM: "EPERM",
        EPFNOSUPPORT: "EPFNOSUPPORT", EPIPE: "EPIPE", EPROTO: "EPROTO", EPROTONOSUPPORT: "EPROTONOSUPPORT",
        EPROTOTYPE: "EPROTOTYPE", ERANGE: "ERANGE", EREMOTE: "EREMOTE", EROFS: "EROFS",
        ESHUTDOWN: "ESHUTDOWN", ESOCKTNOSUPPORT: "ESOCKTNOSUPPORT", ESPIPE: "ESPIPE", ESRCH: "ESRCH",
        ESTALE: "ESTALE", ETIMEDOUT: "ETIMEDOUT", ETOOMANYREFS: "ETOOMANYREFS", ETXTBSY: "ETXTBSY", EUSERS: "EUSERS",
        EXDEV: "EXDEV",
    ]
}
