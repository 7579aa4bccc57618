internal import LocalFiles
internal import Subprocess
internal import SystemPackage

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// How a program ended, and what it said.
public struct ProgramResult: Sendable, CustomStringConvertible {
    public let status: Int32
    public let output: String
    public let errors: String

    public var description: String { "exit \(status)\n\(output)\(errors)" }
}

/// A program with the environment that it is run in.
public struct Program: Sendable {
    public let path: String
    public var environment: [String: String]
    public var folder: String?

    public init(_ path: String, environment: [String: String], folder: String? = nil) {
        self.path = path
        self.environment = environment
        self.folder = folder
    }

    /// The stowage that was built beside the tests, or the one that `STOWAGE_PROGRAM` names.
    public static func stowage(home: String) throws -> Program {
        if let named = ProcessInfo.processInfo.environment["STOWAGE_PROGRAM"] {
            return Program(named, environment: variables(home: home))
        }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return Program(
            String(tests[..<(tests.lastIndex(of: "/") ?? tests.endIndex)]) + "/stowage",
            environment: variables(home: home))
    }

    /// A program on PATH; nil where there is none.
    public static func onPath(_ name: String, home: String, folder: String? = nil) -> Program? {
        let variables = variables(home: home)
        let path = (variables["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        return path.map { Program($0, environment: variables, folder: folder) }
    }

    /// The variables of the tests' own process that programs need, and none that would lead them to a user's things.
    private static func variables(home: String) -> [String: String] {
        let kept: Set = ["PATH", "LANG", "TMPDIR", "TSAN_OPTIONS", "ASAN_OPTIONS"]
        let own = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
        return own.merging(["HOME": home, "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1"]) { $1 }
    }

    /// Runs it to its end.
    public func callAsFunction(_ arguments: String...) async throws -> ProgramResult { try await run(arguments) }

    public func run(_ arguments: [String]) async throws -> ProgramResult {
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: environmentValue,
            workingDirectory: folder.map { FilePath($0) }, input: .none, output: .bytes(limit: 64 << 20),
            error: .bytes(limit: 64 << 20))
        return ProgramResult(
            status: result.terminationStatus.number, output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self))
    }

    /// Runs it while the body runs, which is given its process identifier; waits for both.
    public func whileRunning(
        _ arguments: [String], _ body: @Sendable (Int32) async throws -> Void
    ) async throws -> ProgramResult {
        let result = try await Subprocess.run(
            Configuration(
                executable: .path(FilePath(path)), arguments: Arguments(arguments), environment: environmentValue,
                workingDirectory: folder.map { FilePath($0) }),
            input: .none, output: .bytes(limit: 64 << 20), error: .bytes(limit: 64 << 20)
        ) { execution in
            try await body(execution.processIdentifier.value)
        }
        return ProgramResult(
            status: result.terminationStatus.number, output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self))
    }

    private var environmentValue: Environment {
        .custom(Dictionary(uniqueKeysWithValues: environment.map { (.init(stringLiteral: $0), $1) }))
    }
}

extension TerminationStatus {
    fileprivate var number: Int32 {
        switch self {
        case .exited(let status): status
        case .signaled(let signal): 128 + signal
        }
    }
}
