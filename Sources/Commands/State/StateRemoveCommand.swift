internal import ArgumentParser
internal import LocalFiles
internal import OrderedJSON
internal import StateStorage
internal import TerraformState

struct StateRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an environment's state, with its history and its lock.",
        usage: "stowage state remove [<options>] <uuid>",
        discussion: """
            Needs the right to delete Secrets, which the Role of the state storage does not \
            grant. A state that still has resources is refused, unless --force resources is \
            passed. What is removed is written to a file first.

              stowage state remove 4b41bf32-b337-93a4-ad65-1d565c5e25be --backup last.tfstate
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Option(
        help: ArgumentHelp(
            "The file that keeps the state, which must not exist. Default: <uuid>-serial-<n>.tfstate.",
            valueName: "file"))
    var backup: String?

    @Option(
        help: ArgumentHelp(
            "Override one objection, by the name that the refusal gives; may be repeated.", valueName: "reason"))
    var force: [RemovalOverride] = []

    @OptionGroup var lockTimeout: LockTimeoutOption
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        let (forced, timeout, given) = (Set(force.map(\.objection)), lockTimeout.duration, backup)
        let result = try await interruptible({ "remove it again to go on" }) {
            try await options.withStore { store in
                try await store.remove(environment, forced: forced, waitingUpTo: timeout) { file in
                    let path = given ?? "\(environment)-serial-\(file.serial).tfstate"
                    try await Self.keep(file, in: absolutePath(path))
                    if !options.global.quiet { printMessage("the state is kept in \(path)") }
                }
            }
        }
        try output.print(StateReports.removed(result))
    }

    /// One that is there already with the same content is what an interrupted removal has left.
    private static func keep(_ file: StateFile, in path: String) async throws {
        try await offloading {
            do {
                try PrivateFile.writeNew(file.bytes, to: path)
            } catch let error as FileError {
                guard error.exists, (try? PrivateFile.read(path)) == file.bytes else { throw error }
            }
        }
    }
}

/// The name of an objection to a removal on the command line.
struct RemovalOverride: ExpressibleByArgument {
    let objection: RemovalObjection

    init?(argument: String) {
        guard let objection = RemovalObjection(rawValue: argument) else { return nil }
        self.objection = objection
    }

    static var allValueStrings: [String] { RemovalObjection.allCases.map(\.rawValue) }
}

extension StateReports {
    static func removed(_ result: RemovalResult) -> Report {
        Report(
            json: [
                "environment": .string("\(result.environment)"), "serial": result.serial?.json ?? .null,
                "secrets": .number(JSONNumber(result.secretCount)), "lockDeleted": .bool(result.isLockDeleted),
            ],
            columns: ["Environment", "Serial", "Secrets", "Lock"],
            rows: [
                [
                    "\(result.environment)", result.serial.map { "\($0)" } ?? "-", "\(result.secretCount)",
                    result.isLockDeleted ? "deleted" : "free",
                ]
            ])
    }
}
