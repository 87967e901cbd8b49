package import SourceText

/// Everything a child needs between its birth and its program.
package struct SpawnRequest: Hashable, Sendable {
    /// The program file, already looked up; relative paths are relative to our directory, not the child's.
    package var path: String
    /// The whole argv; `arguments[0]` as the user wrote it.
    package var arguments: [String]
    /// The child's complete environment.
    package var environment: Environment
    /// Where the child starts; `nil` keeps ours.
    package var workingDirectory: String?
    /// File mode creation mask; `nil` keeps ours.
    package var umask: UInt32?
    /// Who the child is; `nil` keeps who we are.
    package var credentials: Credentials?
    package var grouping: ProcessGrouping
    package var standardInput: Descriptor
    package var standardOutput: Descriptor
    package var standardError: Descriptor
    /// Further descriptors, which the child finds at 3, 4, 5… in this order.
    package var extraDescriptors: [Descriptor]
    package var limits: [LimitSetting]
    /// Linux: the signal the child gets when our spawning thread dies. Ignored elsewhere.
    package var parentDeathSignal: Signal?
    /// What the program is born ignoring; every other signal has its default action, whatever we do with it.
    package var ignoredSignals: [Signal]

    package init(
        path: String, arguments: [String], environment: Environment, workingDirectory: String? = nil,
        umask: UInt32? = nil, credentials: Credentials? = nil, grouping: ProcessGrouping = .newGroup,
        standardInput: Descriptor = .standardInput, standardOutput: Descriptor = .standardOutput,
        standardError: Descriptor = .standardError, extraDescriptors: [Descriptor] = [], limits: [LimitSetting] = [],
        parentDeathSignal: Signal? = nil, ignoredSignals: [Signal] = []
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.umask = umask
        self.credentials = credentials
        self.grouping = grouping
        self.standardInput = standardInput
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.extraDescriptors = extraDescriptors
        self.limits = limits
        self.parentDeathSignal = parentDeathSignal
        self.ignoredSignals = ignoredSignals
    }
}

/// A numeric identity.
package struct Credentials: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32
    /// Supplementary groups; replaces those of the caller.
    package var supplementaryGroups: [UInt32]

    package init(user: UInt32, group: UInt32, supplementaryGroups: [UInt32]) {
        self.user = user
        self.group = group
        self.supplementaryGroups = supplementaryGroups
    }
}

/// What a child leads.
package enum ProcessGrouping: Int32, Hashable, Sendable {
    /// Nothing: it stays in our process group.
    case inherited = 0
    /// A process group of its own in our session (supervisord's choice).
    case newGroup = 1
    /// A session of its own, without controlling terminal.
    case newSession = 2
}

/// A started child, unreaped. Its pid is ours to signal until `ProcessCalls.reap`.
package struct SpawnedProcess: Hashable, Sendable {
    package let pid: Int32
    /// Linux: the process file descriptor; `nil` where the kernel refuses one, and on Darwin.
    package let handle: Descriptor?
    /// It is no child of ours (`ProcessCalls.adopt`).
    package let isAdopted: Bool

    package init(pid: Int32, handle: Descriptor?, isAdopted: Bool = false) {
        self.pid = pid
        self.handle = handle
        self.isAdopted = isAdopted
    }
}

/// How far a spawn came.
package enum SpawnStep: Int32, Hashable, Sendable, CaseIterable {
    /// Nothing was tried: an argument holds a NUL byte, or there is no memory.
    case preparation = 0
    /// fork(2) or clone(2).
    case creation = 1
    case grouping = 2
    case descriptors = 3
    case limits = 4
    case supplementaryGroups = 5
    case group = 6
    case user = 7
    case parentDeathSignal = 8
    case workingDirectory = 9
    case execution = 10
}

/// Why no program runs.
package struct SpawnFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var step: SpawnStep
    package var number: ErrorNumber
    /// The process that existed until the failing step; it is gone and reaped.
    package var pid: Int32?

    package init(step: SpawnStep, number: ErrorNumber, pid: Int32? = nil) {
        self.step = step
        self.number = number
        self.pid = pid
    }

    package var description: String { "\(step): \(number.message) (\(number.name))" }
}
