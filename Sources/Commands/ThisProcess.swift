internal import CLibrary
internal import LocalFiles
internal import StateStorage
internal import SystemPackage
internal import TerraformState

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The environment variables of this process, read once a command and handed on from there.
func processEnvironment() -> [String: String] { ProcessInfo.processInfo.environment }

/// The program that runs, to be started again beside itself.
///
/// - Throws: `CommandError` where the system does not tell.
func executablePath() throws -> String {
    #if os(Linux)
        if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") { return path }
    #else
        if let path = CommandLine.arguments.first { return absolutePath(path) }
    #endif
    throw CommandError(status: .software, description: "the path of the program is not known to the system")
}

/// Where a symbolic link leads; nil for what is none.
func linkTarget(_ path: String) -> String? { try? FileManager.default.destinationOfSymbolicLink(atPath: path) }

/// Hands on what was printed, which a pipe would otherwise keep until the program ends.
func flushStandardOutput() { fflush(nil) }

/// The name of this machine.
func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Bytes that are a result, as they are.
func writeToStandardOutput(_ bytes: [UInt8]) throws {
    do {
        _ = try FileDescriptor.standardOutput.writeAll(bytes)
    } catch {
        throw FileError(path: "/dev/stdout", action: "write", number: (error as? Errno)?.rawValue ?? EIO)
    }
}

/// A state that a command is given. One that is large and in a file is not kept in memory: it is read again when it is
/// written.
func newState(_ path: String) async throws -> NewState {
    let largeState = 8 << 20
    let bytes = try await readInput(path)
    guard bytes.count > largeState, PrivateFile.isRegularFile(path) else { return NewState(try StateFile(bytes)) }
    return NewState(StateFacts(try StateFile(bytes))) { offset, count in
        try await offloading { try PrivateFile.read(path, from: offset, atMost: count) }
    }
}

/// The whole of a file that a command is given; `-` is the standard input.
func readInput(_ path: String) async throws -> [UInt8] {
    guard !PrivateFile.isFolder(path) else {
        throw CommandError(status: .data, description: "\(path) is a folder; pass a file, or - for the standard input")
    }
    return try await offloading { try PrivateFile.read(path == "-" ? "/dev/stdin" : path) }
}
