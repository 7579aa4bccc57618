internal import ArgumentParser
internal import Logging

/// Options of every command.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What to log to stderr: trace, debug, info, warning or error.", valueName: "level"))
    var logLevel = LogLevel.warning

    @Flag(name: .shortAndLong, help: "Print results and errors only.")
    var quiet = false

    func logger(_ label: String) -> Logger { logLevel.logger(label) }
}

enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, warning, error

    /// Writes to stderr.
    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { label in StreamLogHandler.standardError(label: label) }
        logger.logLevel = Logger.Level(rawValue: rawValue) ?? .warning
        return logger
    }
}
