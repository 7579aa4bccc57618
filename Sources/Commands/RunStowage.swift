internal import ArgumentParser
internal import CLibrary
internal import LocalFiles

/// Runs the program.
///
/// - Parameter arguments: without the program's name.
/// - Returns: the exit status.
public func runStowage(_ arguments: [String]) async -> Int32 {
    do {
        var command = try StowageCommand.parseAsRoot(arguments)
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
        return ExitStatus.success.rawValue
    } catch let code as ExitCode {
        return code.rawValue
    } catch {
        // Requests for help and versions come as errors too, as do faults in the command line.
        let status = StowageCommand.exitCode(for: error)
        if status != .failure {
            write(StowageCommand.fullMessage(for: error), to: status == .success ? stdoutDescriptor : stderrDescriptor)
            return status.rawValue
        }
        write(messagePrefix + "\(error)", to: stderrDescriptor)
        return ExitStatus(error).rawValue
    }
}

/// Whose message a line on stderr is.
let messagePrefix = "stowage: "

/// Says something on stderr that is no failure.
func printMessage(_ message: String) { write(messagePrefix + message, to: stderrDescriptor) }

private let stdoutDescriptor: Int32 = 1
private let stderrDescriptor: Int32 = 2

private func write(_ line: String, to descriptor: Int32) {
    var text = line.hasSuffix("\n") ? line : line + "\n"
    text.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
}
