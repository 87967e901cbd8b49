import Kernel
import SourceText

/// Everything a virtual machine consists of.
struct VirtualState {
    var clock = Instant(monotonic: 0, boot: 0, wall: 0)
    var calls: [String: Int] = [:]
    var faults: [VirtualFault] = []
    var freezes: [VirtualMatch] = []
    var held: [VirtualMatch] = []

    var files = VirtualFiles()
    /// Files that are mapped into memory.
    var mapped: [UInt64: UnsafeMutableRawBufferPointer] = [:]
    var descriptors: [Int32: VirtualDescriptor] = [:]
    var pipes: [Int: VirtualPipe] = [:]
    var nextPipe = 0
    /// Listening sockets by address, with the serving ends that wait to be accepted.
    var listeners: [String: [Int32]] = [:]
    /// Those of which a daemon is pretended to be behind, that answers.
    var answering: Set<String> = []

    var processes: [Int32: VirtualProcess] = [:]
    var nextPid: Int32 = 101
    var programs: [String: VirtualProgram] = [:]
    var tools: [String: VirtualTool] = [:]
    /// Calls that are left to the caller until it is as good as killed; `nil` = any number.
    var callsLeft: Int?
    var death = VirtualDeath()
    var pollers: [Int: VirtualPollerState] = [:]
    var nextPoller = 0

    var users: [UserAccount] = []
    var groups: [GroupAccount] = []
    var memberships: [String: [UInt32]] = [:]
    var identity = Credentials(user: 0, group: 0, supplementaryGroups: [0])
    var environment: Environment = ["PATH": "/bin"]
    var umask: UInt32 = 0o022
    var limits: [Resource: LimitSetting] = [:]
    var datagrams: [String: [[UInt8]]] = [:]
    /// What a service manager keeps for the caller (sd_notify(3), `FDSTORE=1`), by name.
    var stored: [(name: String, descriptor: VirtualDescriptor)] = []
    /// Whether processes come with handles, and whether these tell how one that is nobody's child here has ended.
    var hasHandles = false
    var handlesTellExits = true
    var signalsAtParentDeath = true
    var systemLog: [String] = []
    var ignored: Set<Signal> = []

    /// The lowest free number, as POSIX promises.
    mutating func open(_ descriptor: VirtualDescriptor, atLeast least: Int32 = 3) -> Descriptor {
        var number = least
        while descriptors[number] != nil { number += 1 }
        descriptors[number] = descriptor
        hold(descriptor.kind, by: 1)
        return Descriptor(number: number)
    }

    mutating func close(_ number: Int32) {
        guard let descriptor = descriptors.removeValue(forKey: number) else { return }
        hold(descriptor.kind, by: -1)
        for id in pollers.keys { pollers[id]?.descriptors[number] = nil }
        if case .listener(let address) = descriptor.kind { listeners[address] = nil }
    }

    /// Counts one holder more or less of whatever pipe ends a descriptor stands for.
    mutating func hold(_ kind: VirtualDescriptor.Kind, by change: Int) {
        switch kind {
        case .pipeReader(let pipe): pipes[pipe]?.readers += change
        case .pipeWriter(let pipe): pipes[pipe]?.writers += change
        case .stream(let incoming, let outgoing):
            pipes[incoming]?.readers += change
            pipes[outgoing]?.writers += change
        case .null, .file, .listener, .process: return
        }
    }

    mutating func makePipe() -> Int {
        nextPipe += 1
        pipes[nextPipe] = VirtualPipe()
        return nextPipe
    }

    mutating func deliver(_ signal: Signal) {
        for id in pollers.keys where pollers[id]?.signals.contains(signal) == true {
            pollers[id]?.pendingSignals.insert(signal)
        }
    }
}

/// A call, and a part of what it is about.
struct VirtualMatch: Equatable {
    var call: String
    var text: String

    func matches(_ name: String, _ subject: String) -> Bool {
        call == name && VirtualMatch(call: name, text: subject).contains(text)
    }

    /// Whether our text has `part` in it.
    func contains(_ part: String) -> Bool {
        guard !part.isEmpty else { return true }
        let whole = Array(text.utf8)
        let wanted = Array(part.utf8)
        guard whole.count >= wanted.count else { return false }
        return (0...(whole.count - wanted.count)).contains { whole[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }
}

/// An error some coming calls end with.
struct VirtualFault {
    var match: VirtualMatch
    var number: ErrorNumber
    var times: Int
}

/// What a descriptor number stands for.
struct VirtualDescriptor {
    enum Kind: Equatable {
        case null
        case file(inode: UInt64)
        case pipeReader(Int)
        case pipeWriter(Int)
        case stream(incoming: Int, outgoing: Int)
        case listener(String)
        /// A handle of a process.
        case process(Int32)
    }

    var kind: Kind
    var path: String
    var offset = 0
    var append = false
    var isLocked = false

    init(_ kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }

    /// The pipe that is read by it.
    var incoming: Int? {
        switch kind {
        case .pipeReader(let pipe), .stream(let pipe, _): pipe
        case .null, .file, .pipeWriter, .listener, .process: nil
        }
    }

    /// The pipe that is written by it.
    var outgoing: Int? {
        switch kind {
        case .pipeWriter(let pipe), .stream(_, let pipe): pipe
        case .null, .file, .pipeReader, .listener, .process: nil
        }
    }
}

struct VirtualPipe {
    var bytes: [UInt8] = []
    var capacity = 65_536
    var readers = 0
    var writers = 0
}
