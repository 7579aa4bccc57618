internal import CLibrary
internal import LocalFiles
internal import Synchronization
internal import SystemPackage

/// What this process and all that it starts print, while a body runs: handed on line by line to the standard output, with
/// secrets masked, and its last lines kept.
final class FilteredOutput: Sendable {
    private static let keptLines = 100
    private static let keptLineLength = 1000
    /// A line without an end is handed on when it is so long.
    private static let longestLine = 1 << 18

    private struct State {
        var lines: [String] = []
        var isEnding = false
    }

    private let mask: SecretMask
    private let state = Mutex(State())

    /// The last lines, masked.
    var lastLines: [String] { state.withLock { $0.lines } }

    private init(_ mask: SecretMask) { self.mask = mask }

    /// - Throws: what the body throws; `FileError` where there is no pipe to be had.
    static func with<T: Sendable>(
        _ mask: SecretMask, _ body: @Sendable @escaping (FilteredOutput) async throws -> T
    ) async throws -> T {
        let filter = FilteredOutput(mask)
        let (reading, writing): (FileDescriptor, FileDescriptor)
        let (output, errors): (FileDescriptor, FileDescriptor)
        do {
            (reading, writing) = try FileDescriptor.pipe()
            (output, errors) = (
                try FileDescriptor.standardOutput.duplicate(), try FileDescriptor.standardError.duplicate()
            )
            for descriptor in [reading, writing, output, errors] { _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC) }
            _ = try writing.duplicate(as: .standardOutput)
            _ = try writing.duplicate(as: .standardError)
            try writing.close()
        } catch {
            throw FileError(path: "/dev/stdout", action: "filter", number: (error as? Errno)?.rawValue ?? EIO)
        }
        async let copied: Void = onItsOwnThread { filter.copy(from: reading, to: output) }
        let result: Result<T, any Error>
        do { result = .success(try await body(filter)) } catch { result = .failure(error) }
        fflush(nil)
        _ = try? output.duplicate(as: .standardOutput)
        _ = try? errors.duplicate(as: .standardError)
        filter.state.withLock { $0.isEnding = true }
        await copied
        for descriptor in [reading, output, errors] { try? descriptor.close() }
        return try result.get()
    }

    /// Ends with the last writer, or, where something that an engine left behind still holds the pipe, when that is quiet.
    private func copy(from input: FileDescriptor, to output: FileDescriptor) {
        var (chunk, rest) = ([UInt8](repeating: 0, count: 65536), [UInt8]())
        while true {
            var wanted = pollfd(fd: input.rawValue, events: Int16(POLLIN), revents: 0)
            let count = poll(&wanted, 1, 100)
            if count == 0, state.withLock({ $0.isEnding }) { break }
            if count <= 0 { continue }
            guard let length = try? chunk.withUnsafeMutableBytes({ try input.read(into: $0) }), length > 0 else {
                break
            }
            rest += chunk[..<length]
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                handOn(Array(rest[start..<end]), to: output)
                start = end + 1
            }
            rest.removeFirst(start)
            if rest.count > Self.longestLine {
                handOn(rest, to: output)
                rest = []
            }
        }
        if !rest.isEmpty { handOn(rest, to: output) }
    }

    private func handOn(_ line: [UInt8], to output: FileDescriptor) {
        let masked = mask.masked(line)
        // Who reads may be gone, which is no reason to stop an engine.
        _ = try? output.writeAll(masked + [UInt8(ascii: "\n")])
        let text = String(decoding: masked.prefix(Self.keptLineLength), as: UTF8.self).withoutColours
        state.withLock { state in
            if state.lines.count == Self.keptLines { state.lines.removeFirst() }
            state.lines.append(text)
        }
    }
}
