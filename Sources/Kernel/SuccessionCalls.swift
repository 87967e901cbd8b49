/// One program file taking the place of another in the same process (execve(2)), with all that lives on: children, open
/// files, limits, the pid. Threads do not.
package protocol SuccessionCalls: Sendable {
    /// The words this process was started with, the program's own first; `nil` where nobody tells.
    var arguments: [String]? { get }

    /// A file without a name, for as long as somebody has it open.
    func openMemory() throws(SystemError) -> Descriptor

    /// Whether a program that takes our place finds the descriptor open.
    func setInherited(_ descriptor: Descriptor, _ flag: Bool) throws(SystemError)

    /// The program file that runs, open; it stays what it is when another is put in its path's place. Linux.
    func openOwnProgram() throws(SystemError) -> Descriptor

    /// Puts another program in our place. Returns only when that fails.
    func execute(_ program: ProgramFile, arguments: [String], environment: Environment) -> SystemError

    /// Takes up a child that the program before us in this process started: what the promises of `ProcessCalls` rest on
    /// holds for it from then on. It must be unreaped. Linux; on Darwin without a handle.
    func takeUp(child pid: Int32) -> SpawnedProcess

    /// Removes a variable from our own environment.
    func forgetVariable(_ name: String)
}

/// Which program is to run.
package enum ProgramFile: Hashable, Sendable {
    case path(String)
    /// One that is open.
    case open(Descriptor)
}
