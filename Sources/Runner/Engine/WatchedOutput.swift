internal import CLibrary
internal import LocalFiles
internal import Synchronization
internal import SystemPackage

/// What an engine prints, read as it passes on to where our own output goes.
///
/// The engine writes to a pseudo-terminal. That keeps its colours and its width on a terminal, and elsewhere it is told
/// `-no-color`. A pipe would do, were it not that an engine that writes to a pipe without a reader is ended at once by a
/// signal: when this process is killed, the engine must live to write down the state that it can no longer save.
final class WatchedOutput: Sendable {
    /// As wide as the engines take what is no terminal for.
    private static let usualColumns = 78
    /// How long what an engine has left behind may be quiet before nothing more is expected of it, in milliseconds.
    private static let patience: Int32 = 100

    /// Of a line that people see, in bytes; what is longer is passed on, and not looked at.
    private static let longestLine = 1 << 16

    private let terminal: PseudoTerminal
    private let passesOn: Bool
    private let line: @Sendable ([UInt8]) -> Void
    private let isEnding = Mutex(false)

    private init(_ terminal: PseudoTerminal, passesOn: Bool, line: @Sendable @escaping ([UInt8]) -> Void) {
        self.terminal = terminal
        self.passesOn = passesOn
        self.line = line
    }

    /// - Parameters:
    ///   - passesOn: whether it is printed, too.
    ///   - line: is given each line of the standard output, and of the standard error where both go to the same place,
    ///     without its end; of what is passed on, the first 64 KiB of a line.
    ///   - body: runs an engine with the output that it is given.
    /// - Throws: what the body throws. Where the system has no pseudo-terminal left, the engine prints by itself, unless
    ///   nothing is passed on: then `FileError`.
    static func with<T: Sendable>(
        passingOn passesOn: Bool = true, line: @Sendable @escaping ([UInt8]) -> Void,
        _ body: (EngineProcess.Output) async throws -> T
    ) async throws -> T {
        let terminal: PseudoTerminal
        do {
            terminal = try PseudoTerminal(columns: Terminal.standardOutputColumns ?? usualColumns)
        } catch {
            guard passesOn else { throw error }
            return try await body(.inherited)
        }
        let watched = WatchedOutput(terminal, passesOn: passesOn, line: line)
        let errors = passesOn && Terminal.isOutputShared ? terminal.writing : FileDescriptor.standardError
        async let read: Void = onItsOwnThread { watched.readToEnd() }
        let result: Result<T, any Error>
        do {
            result = .success(try await body(EngineProcess.Output(output: terminal.writing, errors: errors)))
        } catch {
            result = .failure(error)
        }
        watched.isEnding.withLock { $0 = true }
        try? terminal.writing.close()
        await read
        try? terminal.reading.close()
        return try result.get()
    }

    private func readToEnd() {
        var (chunk, rest) = ([UInt8](repeating: 0, count: 1 << 16), [UInt8]())
        while true {
            var wanted = pollfd(fd: terminal.reading.rawValue, events: Int16(POLLIN), revents: 0)
            let count = poll(&wanted, 1, Self.patience)
            if count == 0, isEnding.withLock({ $0 }) { break }
            if count <= 0 { continue }
            // At its end, a pseudo-terminal fails to be read.
            guard let length = try? chunk.withUnsafeMutableBytes({ try terminal.reading.read(into: $0) }), length > 0
            else { break }
            // Who reads may be gone, which is no reason to stop an engine.
            if passesOn { _ = try? FileDescriptor.standardOutput.writeAll(chunk[..<length]) }
            take(chunk[..<length], into: &rest)
        }
        if !rest.isEmpty { line(rest) }
    }

    /// - Parameter rest: what has come of the line that is not at its end.
    private func take(_ bytes: ArraySlice<UInt8>, into rest: inout [UInt8]) {
        var bytes = bytes
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            append(bytes[..<end], to: &rest)
            line(rest)
            rest.removeAll(keepingCapacity: true)
            bytes = bytes[(end + 1)...]
        }
        append(bytes, to: &rest)
    }

    private func append(_ bytes: ArraySlice<UInt8>, to rest: inout [UInt8]) {
        rest += passesOn ? bytes.prefix(Self.longestLine - rest.count) : bytes
    }
}
