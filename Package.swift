// swift-tools-version: 6.2
import PackageDescription

// The floors of the house, lowest first; a target imports only targets of floors below its own.
// `Scripts/test` builds with `--explicit-target-dependency-import-check error`, so an arrow that is
// not written down here does not compile.

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library target of ours: sources in `Sources/NAME`, the house's settings.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of one room, in `Tests/NAMETests`.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, resources: resources,
        swiftSettings: swiftSettings)
}

// The static build links libxml2 without ICU; see packaging/README.md.
let staticBuild = Context.environment["SVINSTALL_STATIC"] == "1"
let xmlDependencies: [Target.Dependency] = staticBuild ? ["CLibXML2", "CICUStub"] : ["CLibXML2"]

var targets: [Target] = [
    // Floor 0: said once for all.
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"]), .brew(["libxml2"])]),
    .target(name: "CPlatform"),
    room("SourceText"),
    room("XMLStream", xmlDependencies),
    .target(
        name: "Templates", path: "templates", exclude: ["README.md", "hooks"],
        resources: ["default.conf", "redis.conf", "user.conf", "sample.conf"].map { .embedInCode($0) },
        swiftSettings: swiftSettings),

    // Floor 1: the values everything speaks of, and the system calls.
    room("ServiceModel", ["SourceText"]),
    room("PropertyList", ["SourceText", "XMLStream"]),
    room("XMLRPC", ["SourceText", "XMLStream"]),
    room("Kernel", ["SourceText", "CPlatform"]),

    // Floor 2: one format a target; the pure machine; the reactor.
    room("SupervisorFormat", ["SourceText", "ServiceModel"]),
    room("LaunchdFormat", ["SourceText", "ServiceModel", "PropertyList"]),
    room("SystemdFormat", ["SourceText", "ServiceModel"]),
    room("ProcfileFormat", ["SourceText", "ServiceModel"]),
    room("InitFormats", ["SourceText", "ServiceModel"]),
    room("Supervision", ["SourceText", "ServiceModel"]),
    room("Reactor", ["SourceText", "Kernel"]),
    room("SimulatedKernel", ["SourceText", "Kernel"]),

    // Floor 3: any file, any daemon.
    room(
        "ServiceFormats",
        [
            "SourceText", "ServiceModel", "PropertyList", "SupervisorFormat", "LaunchdFormat", "SystemdFormat",
            "ProcfileFormat", "InitFormats",
        ]),
    room("Locations", ["SourceText", "ServiceModel", "Kernel", "SupervisorFormat", "Templates"]),
    room("ControlClient", ["SourceText", "ServiceModel", "XMLRPC", "PropertyList", "Kernel", "SupervisorFormat"]),

    // Floor 4: what runs, and what starts it at boot.
    room("Engine", ["SourceText", "ServiceModel", "Kernel", "Supervision", "Reactor"]),
    room("BootHook", ["SourceText", "ServiceModel", "Kernel", "ServiceFormats", "Locations"]),

    // Floor 5: the daemon's ears.
    room(
        "ControlServer",
        [
            "SourceText", "ServiceModel", "PropertyList", "XMLRPC", "Kernel", "Supervision", "Engine", "Templates",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ]),

    // Floor 6: the command line.
    .executableTarget(
        name: "svinstall",
        dependencies: [
            "SourceText", "ServiceModel", "PropertyList", "Kernel", "SupervisorFormat", "ServiceFormats",
            "Locations", "ControlClient", "Supervision", "Engine", "BootHook", "ControlServer", "Templates",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: swiftSettings),

    tests(of: "SourceText"),
    tests(of: "ServiceModel", ["SourceText"]),
    tests(of: "PropertyList", ["SourceText"]),
    tests(of: "XMLRPC", ["SourceText"]),
    tests(of: "Kernel", ["SourceText", "CPlatform"]),
    tests(of: "SupervisorFormat", ["SourceText", "ServiceModel"]),
    tests(of: "LaunchdFormat", ["SourceText", "ServiceModel", "PropertyList"]),
    tests(of: "SystemdFormat", ["SourceText", "ServiceModel"]),
    tests(of: "ProcfileFormat", ["SourceText", "ServiceModel"]),
    tests(of: "InitFormats", ["SourceText", "ServiceModel"], resources: [.copy("Fixtures")]),
    tests(of: "Supervision", ["SourceText", "ServiceModel", "FuzzTargets"]),
    tests(of: "Reactor", ["SourceText", "Kernel", "SimulatedKernel"]),
    tests(
        of: "ServiceFormats",
        ["SourceText", "ServiceModel", "PropertyList", "SupervisorFormat", "LaunchdFormat", "SystemdFormat"]),
    tests(of: "Locations", ["SourceText", "Kernel", "SupervisorFormat"]),
    tests(of: "ControlClient", ["SourceText", "XMLRPC", "Kernel"]),
    tests(of: "Engine", ["SourceText", "ServiceModel", "Kernel", "Supervision", "Reactor", "SimulatedKernel"]),
    tests(of: "BootHook", ["SourceText", "ServiceModel", "Kernel", "ServiceFormats", "Locations", "SimulatedKernel"]),
    tests(
        of: "ControlServer",
        ["SourceText", "ServiceModel", "PropertyList", "XMLRPC", "Kernel", "Supervision", "Engine"]),
]

// What fuzzers do with bytes, for them and for the replay of their corpora among the unit tests.
targets += [
    .target(
        name: "FuzzTargets",
        dependencies: [
            "SourceText", "ServiceModel", "PropertyList", "XMLRPC", "Kernel", "SupervisorFormat", "SystemdFormat",
            "Supervision", "ServiceFormats", "Engine", "ControlServer",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
        ], path: "Tests/FuzzTargets", swiftSettings: swiftSettings),
    .testTarget(
        name: "FuzzTests", dependencies: ["FuzzTargets", "Kernel"], exclude: ["Corpora"], swiftSettings: swiftSettings),
]
// Scripts/fuzz builds it, with switches of its own.
if Context.environment["SVINSTALL_FUZZ"] == "1" {
    targets.append(
        .executableTarget(
            name: "svinstall-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzzer", swiftSettings: swiftSettings,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]))
}

if staticBuild {
    targets.append(.target(name: "CICUStub"))
}

let package = Package(
    name: "svinstall",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "svinstall", targets: ["svinstall"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: targets,
    swiftLanguageModes: [.v6]
)
