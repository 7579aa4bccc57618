internal import Logging
internal import Synchronization

/// What a cluster logs of the requests that it answered, as `verb path status`.
final class RequestLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// What was logged since the last time.
    func take() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }; return lines
        }
    }

    var logger: Logger {
        var logger = Logger(label: "requests") { _ in Handler(log: self) }
        logger.logLevel = .debug
        return logger
    }

    private struct Handler: LogHandler {
        let log: RequestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.message == "request", let metadata = event.metadata else { return }
            let words = ["verb", "path", "status"].compactMap { metadata[$0].map { "\($0)" } }
            log.lines.withLock { $0.append(words.joined(separator: " ")) }
        }
    }
}
