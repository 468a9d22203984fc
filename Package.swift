// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in `make` (and therefore in CI), not for someone who builds with a newer compiler.
let strict = Context.environment["WARNINGS_AS_ERRORS"] != nil

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

func library(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        swiftSettings: settings)
}

/// The commit, for `zentra-sync version`.
let commit = Context.gitInformation.map { $0.currentCommit + ($0.hasUncommittedChanges ? "+" : "") } ?? ""

let package = Package(
    name: "zentra-sync",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "zentra-sync", targets: ["zentra-sync"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CLibGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CGMime", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CSQLiteLog", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CSQLiteSettings", linkerSettings: [.linkedLibrary("sqlite3")]),

        // Pure values.
        library("JSON", []),
        library("Expressions", ["CRE2", "JSON"]),
        library(
            "Resources",
            ["CLibYAML", "Expressions", "JSON", .product(name: "Crypto", package: "swift-crypto")]),

        // What workflows do: a pure function; no I/O, no clock.
        library("WorkflowEngine", ["Expressions", "JSON", "Resources"]),

        // Below whatever blocks.
        .target(name: "CThreadName"),
        library("Threads", ["CThreadName"]),

        // Lines for whoever reads them, without waiting for them.
        library("Log", ["JSON", "Store", "Threads", .product(name: "Logging", package: "swift-log")]),

        // One boundary to the outside each.
        library(
            "GitSource", ["CLibGit2", "JSON", "Threads", .product(name: "Crypto", package: "swift-crypto")]),
        library(
            "Store",
            [
                "CSQLiteLog", "CSQLiteSettings", "JSON", "Resources", "Threads",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        library(
            "OutboundHTTP",
            [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),

        // The two halves; neither imports the other.
        library(
            "Reconciler",
            [
                "Expressions", "GitSource", "JSON", "Resources", "Store",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        library(
            "Runtime",
            [
                "CGMime", "Expressions", "JSON", "Log", "OutboundHTTP", "Resources", "Store",
                "WorkflowEngine",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(name: "CBuildInfo", cSettings: [.define("ZENTRA_SYNC_COMMIT", to: "\"\(commit)\"")]),
        .executableTarget(
            name: "zentra-sync",
            dependencies: [
                "CBuildInfo", "Expressions", "GitSource", "JSON", "Log", "OutboundHTTP", "Reconciler",
                "Resources", "Runtime", "Store", "Threads", "WorkflowEngine",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "CLibYAML", "Expressions", "JSON", "Reconciler", "Resources", "Store", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Benchmarks", swiftSettings: settings),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport", swiftSettings: settings),
        // Random workflows against an oracle: with the tests of the engine, and by the million with `make simulate`.
        .target(
            name: "WorkflowSimulation",
            dependencies: ["Expressions", "JSON", "Resources", "TestSupport", "WorkflowEngine"],
            path: "Tests/WorkflowSimulation", swiftSettings: settings),
        .executableTarget(
            name: "simulate", dependencies: ["WorkflowSimulation"], path: "Tests/Simulate",
            swiftSettings: settings),
        // The git child process on its own: what the tests of GitSource start instead of the whole binary.
        .executableTarget(
            name: "git-child", dependencies: ["GitSource"], path: "Tests/GitChild", swiftSettings: settings),
        tests("GitSource", ["TestSupport", "git-child"]),
        tests("JSON", []),
        tests("Log", ["Store", "TestSupport", .product(name: "Logging", package: "swift-log")]),
        tests("Threads", []),
        tests(
            "OutboundHTTP",
            [
                "TestSupport", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests("Resources", ["JSON", "TestSupport"]),
        tests("WorkflowEngine", ["Expressions", "JSON", "Resources", "TestSupport", "WorkflowSimulation"]),
        tests("Expressions", ["JSON", "TestSupport"]),
        tests(
            "Runtime",
            [
                "JSON", "OutboundHTTP", "Resources", "Store", "TestSupport", "WorkflowEngine",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "Store",
            [
                "Resources", "TestSupport", "Threads", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], exclude: ["Golden"]),
        tests(
            "Reconciler",
            [
                "GitSource", "JSON", "Resources", "Store", "TestSupport", "git-child",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], exclude: ["Golden"]),
        // The binary itself, run as processes.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "JSON", "TestSupport", "zentra-sync", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
