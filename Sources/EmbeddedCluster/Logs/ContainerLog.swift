internal import CLibrary
internal import LocalFiles
internal import Synchronization
internal import SystemPackage

/// What one run of a container wrote: a few files, the oldest of which is forgotten when there are too many.
///
/// Reading and writing block; both are to be called where that does not matter.
final class ContainerLog: Sendable {
    private struct Segment {
        let number: Int
        /// Where it begins in the log as a whole.
        let start: Int64
        var length: Int64
    }

    private struct State {
        var segments: [Segment] = []
        var file: FileDescriptor?
        /// What came of a line that has not ended.
        var unfinished: [LogRecord.Stream: [UInt8]] = [:]
        var isEnded: Bool
        var followers: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextFollower: UInt64 = 0

        var end: Int64 { segments.last.map { $0.start + $0.length } ?? 0 }
    }

    static let segmentLimit: Int64 = 10 << 20
    static let segmentCount = 5

    private let folder: String
    private let instance: Int
    private let state: Mutex<State>

    /// A log that is to be written.
    ///
    /// - Parameter instance: how often the container was started before.
    init(writing folder: String, instance: Int) throws {
        try PrivateFile.createFolder(folder)
        self.folder = folder
        self.instance = instance
        state = Mutex(State(isEnded: false))
        try state.withLock { try addSegment(&$0) }
    }

    /// A log that was written; nil where there is none.
    init?(reading folder: String, instance: Int) {
        let numbers = Self.segments(of: instance, in: folder)
        guard !numbers.isEmpty else { return nil }
        self.folder = folder
        self.instance = instance
        var (segments, start) = ([Segment](), Int64(0))
        for number in numbers {
            guard let length = lengthOfFile(Self.path(folder, instance, number)) else { continue }
            segments.append(Segment(number: number, start: start, length: length))
            start += length
        }
        state = Mutex(State(segments: segments, isEnded: true))
    }

    private static func path(_ folder: String, _ instance: Int, _ number: Int) -> String {
        "\(folder)/\(instance).\(number).log"
    }

    private static func segments(of instance: Int, in folder: String) -> [Int] {
        let names = (try? FolderTree.entries(of: folder)) ?? []
        return names.compactMap { name in
            let parts = name.split(separator: ".")
            guard parts.count == 3, parts[0] == String(instance), parts[2] == "log" else { return nil }
            return Int(parts[1])
        }.sorted()
    }

    /// Removes the logs of runs before that one.
    static func removeInstances(before instance: Int, in folder: String) {
        for name in (try? FolderTree.entries(of: folder)) ?? [] {
            guard let number = name.split(separator: ".").first.flatMap({ Int($0) }), number < instance else {
                continue
            }
            unlink("\(folder)/\(name)")
        }
    }

    // MARK: Writing

    func append(_ bytes: some Sequence<UInt8>, _ stream: LogRecord.Stream, at now: Timestamp) {
        state.withLock { state in
            var line = state.unfinished[stream] ?? []
            var records: [UInt8] = []
            for byte in bytes {
                if byte == UInt8(ascii: "\n") {
                    records += LogRecord.bytes(line, stream, isComplete: true, at: now)
                    line.removeAll(keepingCapacity: true)
                } else {
                    line.append(byte)
                    guard line.count == LogRecord.contentLimit else { continue }
                    records += LogRecord.bytes(line, stream, isComplete: false, at: now)
                    line.removeAll(keepingCapacity: true)
                }
            }
            state.unfinished[stream] = line
            write(records, &state)
        }
        wakeFollowers()
    }

    /// Nothing more is written.
    func end(at now: Timestamp) {
        state.withLock { state in
            for (stream, line) in state.unfinished where !line.isEmpty {
                write(LogRecord.bytes(line, stream, isComplete: false, at: now), &state)
            }
            state.unfinished = [:]
            try? state.file?.close()
            state.file = nil
            state.isEnded = true
        }
        wakeFollowers()
    }

    /// A full disk loses output, and nothing else.
    private func write(_ records: [UInt8], _ state: inout State) {
        guard !records.isEmpty, !state.isEnded else { return }
        if let last = state.segments.last, last.length > 0, last.length + Int64(records.count) > Self.segmentLimit {
            try? addSegment(&state)
        }
        guard let file = state.file, let last = state.segments.indices.last else { return }
        do {
            try file.writeAll(records)
            state.segments[last].length += Int64(records.count)
        } catch {
            // What was written in part must not become a part of the next record.
            ftruncate(file.rawValue, off_t(state.segments[last].length))
        }
    }

    private func addSegment(_ state: inout State) throws {
        let number = (state.segments.last?.number ?? -1) + 1
        let path = Self.path(folder, instance, number)
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate, .append, .closeOnExec],
            permissions: [.ownerReadWrite])
        try? state.file?.close()
        state.file = file
        state.segments.append(Segment(number: number, start: state.end, length: 0))
        while state.segments.count > Self.segmentCount {
            unlink(Self.path(folder, instance, state.segments.removeFirst().number))
        }
    }

    // MARK: Reading

    /// Reads whole records from a place in the log, or from the first that is left.
    ///
    /// - Returns: the records, and the place after them.
    func read(from offset: Int64, limit: Int = 256 << 10) throws -> (bytes: [UInt8], next: Int64) {
        let segment = state.withLock { state in
            state.segments.first { offset < $0.start + $0.length } ?? state.segments.last
        }
        guard let segment else { return ([], offset) }
        let offset = max(offset, segment.start)
        let left = Int(segment.start + segment.length - offset)
        guard left > 0 else { return ([], offset) }
        var bytes: [UInt8]
        do {
            bytes = try readFile(segment.number, at: offset - segment.start, count: min(limit, left))
        } catch Errno.noSuchFileOrDirectory {
            // It was forgotten a moment ago.
            return ([], segment.start + segment.length)
        }
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        bytes.removeSubrange(end...)
        return (bytes, end == 0 ? segment.start + segment.length : offset + Int64(end))
    }

    private func readFile(_ number: Int, at offset: Int64, count: Int) throws -> [UInt8] {
        let file = try FileDescriptor.open(
            FilePath(Self.path(folder, instance, number)), .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, read in
                let all = UnsafeMutableRawBufferPointer(buffer)
                while read < count {
                    let part = UnsafeMutableRawBufferPointer(rebasing: all[read..<count])
                    let more = try file.read(fromAbsoluteOffset: offset + Int64(read), into: part)
                    if more == 0 { break }
                    read += more
                }
            }
        }
    }

    /// Where the last lines begin.
    func offset(ofLast lines: Int) throws -> Int64 {
        var missing = lines
        let (segments, end) = state.withLock { ($0.segments, $0.end) }
        if lines == 0 { return end }
        for segment in segments.reversed() {
            var rest = segment.length
            while rest > 0 {
                let count = min(64 << 10, Int(rest))
                let bytes = try readFile(segment.number, at: rest - Int64(count), count: count)
                for index in bytes.indices.reversed() where bytes[index] == UInt8(ascii: "\n") {
                    // The line feed at the very end of a line that is to be found counts for nothing.
                    if missing == 0 { return segment.start + rest - Int64(count) + Int64(index) + 1 }
                    missing -= 1
                }
                rest -= Int64(count)
            }
        }
        return segments.first?.start ?? 0
    }

    // MARK: Following

    /// How much there is, and whether that is all.
    var extent: (end: Int64, isEnded: Bool) { state.withLock { ($0.end, $0.isEnded) } }

    /// Waits until there is more than that, or never will be; or until followers are woken for another reason.
    func wait(after offset: Int64) async {
        let id = state.withLock { state in
            state.nextFollower += 1
            return state.nextFollower
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isEnded || state.end > offset || Task.isCancelled { return true }
                    state.followers[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.followers.removeValue(forKey: id) }?.resume()
        }
    }

    func wakeFollowers() {
        let followers = state.withLock { state in
            defer { state.followers = [:] }
            return Array(state.followers.values)
        }
        for follower in followers { follower.resume() }
    }
}
