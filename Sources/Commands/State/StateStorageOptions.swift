internal import ArgumentParser
internal import StateStorage

/// How many versions a command that writes states keeps.
struct HistoryOption: ParsableArguments {
    static let lengths = 1...100

    @Option(
        help: ArgumentHelp(
            "How many versions of the state to keep, from now on: 1 to 100. Default: as before, or 10.",
            valueName: "number"))
    var history: Int?

    func validate() throws {
        if let history, !Self.lengths.contains(history) {
            throw ValidationError(
                "--history \(history) is not from \(Self.lengths.lowerBound) to \(Self.lengths.upperBound)")
        }
    }
}

/// How large a state may be.
struct StateSizeOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The largest state file that is read, such as 2GiB. Default: 512MiB.", valueName: "size"))
    var maxStateSize: ByteCount?
}

/// A number of bytes: `1048576`, `512MiB`, `2GiB`.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        guard let match = argument.wholeMatch(of: #/(\d{1,15})(KiB|MiB|GiB)?/#), let number = Int(match.1) else {
            return nil
        }
        let unit =
            switch match.2 {
            case "KiB": 1 << 10
            case "MiB": 1 << 20
            case "GiB": 1 << 30
            default: 1
            }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        guard product > 0, !isTooLarge else { return nil }
        bytes = product
    }
}

extension StateStoreConfiguration {
    /// - Parameter environment: the environment variables of the process, which say who writes.
    init(environment: [String: String]) {
        let user = environment["USER"] ?? environment["LOGNAME"] ?? "stowage"
        self.init(writer: "\(user)@\(hostName())", programVersion: StowageCommand.version)
    }

    /// As a command is told to work.
    ///
    /// - Parameters:
    ///   - environment: the environment variables of the process.
    ///   - history: of a command that writes states.
    init(environment: [String: String], size: StateSizeOption, history: HistoryOption?) {
        self.init(environment: environment)
        if let limit = size.maxStateSize { inflationLimit = limit.bytes }
        historyLength = history?.history
    }
}
