public import Logging
internal import Synchronization

/// What was logged, line by line.
public final class RecordedLog: Sendable {
    private let kept = Mutex<[String]>([])
    private let level: Logger.Level
    private let text: @Sendable (LogEvent) -> String?

    /// - Parameters:
    ///   - level: the lowest that is kept.
    ///   - text: of one event; nil leaves it out. By default all of its metadata, by their names.
    public init(
        level: Logger.Level = .info,
        text: @escaping @Sendable (LogEvent) -> String? = { event in
            (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        }
    ) {
        (self.level, self.text) = (level, text)
    }

    /// The requests that an embedded cluster answered, as `verb path status`.
    public static func ofRequests() -> RecordedLog {
        RecordedLog(level: .debug) { event in
            guard event.message == "request", let metadata = event.metadata else { return nil }
            return ["verb", "path", "status"].compactMap { metadata[$0].map { "\($0)" } }.joined(separator: " ")
        }
    }

    public var lines: [String] { kept.withLock { $0 } }

    /// What was logged since the last time.
    public func take() -> [String] {
        kept.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }

    /// Waits for a line with all of these in it.
    public func line(with texts: String...) async throws {
        while !lines.contains(where: { line in texts.allSatisfy { line.contains($0) } }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    public var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        init(log: RecordedLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard let line = log.text(event) else { return }
            log.kept.withLock { $0.append(line) }
        }
    }
}
