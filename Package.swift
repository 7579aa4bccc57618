// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: data, swiftSettings: strict)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let certificates: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let sqlite: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

// What a program of Go has, too: a fixed address and no exported symbols. It saves a run 11 of 46 MB of memory, and 2 of the 7 ms
// that the program takes to start. And what runs stands side by side: the kernel maps sixteen pages for each one that is touched, so that
// otherwise most of the program is in the memory of every process (scripts/order-symbols).
let releaseLink = [
    "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xclang-linker", "-no-pie",
    "-Xlinker", "--symbol-ordering-file=\(Context.packageDirectory)/scripts/symbol-order.txt",
    "-Xlinker", "--no-warn-symbol-ordering",
]

let package = Package(
    name: "stowage",
    platforms: [.macOS("26.0")],
    products: [
        .executable(name: "stowage", targets: ["stowage"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: [
        module("OrderedJSON", []),
        module("CLibrary", []),
        module("LocalFiles", ["CLibrary", systemPackage]),
        module("PositionedYAML", ["OrderedJSON", yams]),
        module(
            "KubernetesAPI",
            [
                "CLibrary", "OrderedJSON", asyncHTTPClient, logging, nioCore, nioHTTP1, nioSSL, subprocess,
                systemPackage, yams,
            ]),
        .systemLibrary(name: "CDeflate", providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CZstandard", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        module("TerraformState", ["CDeflate", "CZlib", "OrderedJSON"]),
        module(
            "StateStorage",
            ["CLibrary", "CZstandard", "KubernetesAPI", "LocalFiles", "OrderedJSON", "TerraformState", crypto]),
        module(
            "GuardedHTTP",
            ["CLibrary", hummingbirdCore, hummingbirdTLS, logging, nioCore, nioHTTP1, nioSSL, nioTLS]),
        module(
            "EmbeddedCluster",
            [
                "CLibrary", "GuardedHTTP", "KubernetesAPI", "LocalFiles", "OrderedJSON", "PositionedYAML", asn1,
                certificates, crypto,
                hummingbird,
                hummingbirdCore, httpTypes, logging, nioCore, nioHTTP1, nioPosix, nioSSL, serviceLifecycle, sqlite,
                subprocess, systemPackage, yams,
            ]),
        module(
            "StateGateway",
            [
                "GuardedHTTP", "KubernetesAPI", "LocalFiles", "OrderedJSON", "StateStorage", "TerraformState", crypto,
                hummingbird, hummingbirdCore, httpTypes, logging, nioCore, nioHTTP1, nioSSL, serviceLifecycle,
                unixSignals,
            ]),
        module(
            "Runner",
            [
                "CLibrary", "KubernetesAPI", "LocalFiles", "OrderedJSON", "PositionedYAML", "StateGateway",
                "StateStorage", "TerraformState", hummingbird, httpTypes, logging, nioCore, subprocess, systemPackage,
            ]),
        module(
            "Commands",
            [
                "CLibrary", "CMalloc", "EmbeddedCluster", "KubernetesAPI", "LocalFiles", "OrderedJSON", "Runner",
                "StateGateway",
                "StateStorage", "TerraformState", argumentParser,
                logging, systemPackage, unixSignals, yams,
            ]),
        .executableTarget(
            name: "stowage", dependencies: ["CLibrary", "Commands"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(releaseLink, .when(platforms: [.linux], configuration: .release))]),

        .target(
            name: "TestScopes",
            dependencies: [
                "CLibrary", "KubernetesAPI", "LocalFiles", "OrderedJSON", logging, nioCore, nioHTTP1, nioPosix, nioSSL,
                subprocess, systemPackage,
            ],
            path: "Tests/TestScopes", swiftSettings: strict),
        tests("OrderedJSONTests", ["OrderedJSON"]),
        tests("LocalFilesTests", ["CLibrary", "LocalFiles", "TestScopes", systemPackage]),
        tests(
            "KubernetesAPITests",
            [
                "CLibrary", "KubernetesAPI", "LocalFiles", "OrderedJSON", "TestScopes", hummingbird, hummingbirdTLS,
                logging,
                nioCore, nioSSL,
            ]),
        tests("TerraformStateTests", ["OrderedJSON", "TerraformState"]),
        tests(
            "StateStorageTests",
            ["KubernetesAPI", "LocalFiles", "OrderedJSON", "StateStorage", "TerraformState", "TestScopes"],
            data: ["Corpus"]),
        tests("GuardedHTTPTests", ["GuardedHTTP"]),
        tests("StateGatewayTests", ["OrderedJSON", "StateGateway", "StateStorage"]),
        tests(
            "EmbeddedClusterTests",
            [
                "EmbeddedCluster", "GuardedHTTP", "KubernetesAPI", "LocalFiles", "OrderedJSON", "PositionedYAML",
                "TestScopes", asyncHTTPClient, hummingbird, logging, nioCore, nioHTTP1, nioPosix, nioSSL,
                serviceLifecycle, sqlite,
            ], data: ["Recordings"]),
        tests(
            "RunnerTests",
            [
                "CLibrary", "EmbeddedCluster", "KubernetesAPI", "LocalFiles", "OrderedJSON", "Runner", "StateGateway",
                "StateStorage", "TerraformState", "TestScopes", logging, systemPackage,
            ]),
        tests("CommandsTests", ["CLibrary", "Commands", "EmbeddedCluster", "KubernetesAPI", "OrderedJSON", "Runner"]),
        tests(
            "AcceptanceTests",
            [
                "CLibrary", "GuardedHTTP", "KubernetesAPI", "LocalFiles", "OrderedJSON", "Runner", "StateGateway",
                "StateStorage", "TerraformState", "TestScopes", asyncHTTPClient, logging, nioCore, nioHTTP1, "stowage",
            ],
            data: ["Clients/documented-procedure.sh", "Clients/python_client.py"]),
    ]
)
