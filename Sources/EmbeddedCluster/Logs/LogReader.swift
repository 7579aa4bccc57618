internal import Hummingbird
internal import LocalFiles
internal import NIOCore
internal import Synchronization

/// Sends a log to a client: what is there, and, if that was asked for, what comes.
struct LogReader: Sendable {
    let log: ContainerLog
    let options: PodLogOptions

    func body(for request: RequestBody) -> ResponseBody {
        // To be told of a client that has gone uses the connection up, which only who follows has said that it ends.
        guard options.follows else {
            return ResponseBody { writer in
                try await send { try await writer.write(ByteBuffer(bytes: $0)) }
                try await writer.finish(nil)
            }
        }
        return ResponseBody { writer in
            let isGone = Atomic(false)
            // Nothing is sent while nothing is written, so that only this tells that the client has gone.
            try await request.consumeWithInboundCloseHandler { _ in
                try await send(isGone: { isGone.load(ordering: .relaxed) }) {
                    try await writer.write(ByteBuffer(bytes: $0))
                }
            } onInboundClosed: {
                isGone.store(true, ordering: .relaxed)
                log.wakeFollowers()
            }
            try await writer.finish(nil)
        }
    }

    /// - Parameters:
    ///   - isGone: whether nobody reads any more.
    ///   - write: called with what is for the client.
    func send(isGone: () -> Bool = { false }, _ write: ([UInt8]) async throws -> Void) async throws {
        let log = log
        var offset = try await offloading { [options] in try options.tailLines.map(log.offset(ofLast:)) ?? 0 }
        var left = options.limitBytes ?? .max
        let since = options.since.map { Array(LogRecord.timeText($0).utf8) }
        var isAtLineStart = true
        while left > 0 {
            let from = offset
            let (bytes, next) = try await offloading { try log.read(from: from) }
            if next == offset, bytes.isEmpty {
                let (end, isEnded) = log.extent
                if end > offset { continue }
                guard options.follows, !isEnded, !isGone(), !Task.isCancelled else { return }
                await log.wait(after: offset)
                continue
            }
            offset = next
            var text = text(bytes, since: since, &isAtLineStart)
            if text.count > left { text.removeSubrange(left...) }
            left -= text.count
            if !text.isEmpty { try await write(text) }
        }
    }

    private func text(_ bytes: [UInt8], since: [UInt8]?, _ isAtLineStart: inout Bool) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            guard let record = LogRecord(line) else { continue }
            if let since, !record.isSince(since) { continue }
            // The parts of a long line are one line again.
            if options.hasTimestamps, isAtLineStart {
                text += record.time
                text.append(UInt8(ascii: " "))
            }
            text += record.content
            if record.isComplete { text.append(UInt8(ascii: "\n")) }
            isAtLineStart = record.isComplete
        }
        return text
    }
}
