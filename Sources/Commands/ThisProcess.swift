#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
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

/// Hands on what was printed, which a pipe would otherwise keep until the program ends.
func flushStandardOutput() { fflush(nil) }
