import CPlatform

/// The one place that deals with EINTR: calls until the answer is another one.
///
/// A negative result becomes the error of `call` on `path`.
@inline(__always)
func retrying<Result: SignedInteger>(
    _ call: StaticString, _ path: String? = nil, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let number = ErrorNumber.current
        if number != .interrupted { throw SystemError("\(call)", number, path: path) }
    }
}

/// The same for a call about one path, as a C string. A path with a NUL byte names no file.
func retrying<Result: SignedInteger>(
    _ call: StaticString, on path: String, _ body: (UnsafePointer<CChar>) -> Result
) throws(SystemError) -> Result {
    if path.utf8.contains(0) { throw SystemError("\(call)", .invalid, path: path) }
    return try retrying(call, path) { path.withCString(body) }
}
