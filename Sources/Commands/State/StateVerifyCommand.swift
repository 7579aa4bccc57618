internal import ArgumentParser
internal import StateStorage

struct StateVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read a backup and compare every state in it with its manifest.",
        usage: "stowage state verify [<options>] <file>",
        discussion: """
            Needs no cluster. Everything that is wrong is named, file by file, and the exit \
            status is then 65.

              stowage state verify states.tar
            """)

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
    var file: String

    @OptionGroup var output: OutputOption
    @OptionGroup(title: "Output") var global: GlobalOptions

    func run() async throws {
        let (path, isQuiet) = (file, global.quiet)
        let verification = try await interruptible({ "the backup was only read" }) {
            try await withProgress("Verifying", isQuiet: isQuiet) { line in
                try await BackupFile.verify(path) { line.update($0, of: $1) }
            }
        }
        try output.print(StateReports.verification(verification))
        _ = try verification.sound()
    }
}
