internal import LocalFiles
internal import Synchronization
internal import SystemPackage

/// One line on the terminal that says how far work over many things is, and makes room for messages.
///
/// It is drawn where standard error is a terminal, once the work has taken over a second, at most ten times a second, and is
/// gone when the work is done. It knows no colours and no escape sequences: a return and spaces are enough for one line.
final class ProgressLine: Sendable {
    private struct State {
        /// The length of what stands on the terminal now.
        var drawn = 0
        var nextDrawing: ContinuousClock.Instant
    }

    private static let patience = Duration.seconds(1)
    private static let pause = Duration.milliseconds(100)

    private let work: String
    private let unit: String
    private let columns: Int?
    private let isQuiet: Bool
    private let now: @Sendable () -> ContinuousClock.Instant
    private let print: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - work: what is done, at the start of a sentence, such as `Backing up`.
    ///   - columns: of the terminal; nil draws nothing.
    ///   - isQuiet: leaves out messages too, see `--quiet`.
    init(
        _ work: String, unit: String = "environments", isQuiet: Bool,
        columns: Int? = Terminal.standardErrorColumns,
        now: @Sendable @escaping () -> ContinuousClock.Instant = { .now },
        print: @Sendable @escaping (String) -> Void = ProgressLine.printToStandardError
    ) {
        self.work = work
        self.unit = unit
        self.columns = isQuiet ? nil : columns
        self.isQuiet = isQuiet
        self.now = now
        self.print = print
        state = Mutex(State(nextDrawing: now() + Self.patience))
    }

    /// Says that so many are done.
    func update(_ done: Int, of total: Int) {
        guard let columns else { return }
        state.withLock { state in
            let time = now()
            guard time >= state.nextDrawing else { return }
            state.nextDrawing = time + Self.pause
            draw("\(work): \(done) of \(total) \(unit)", columns, &state)
        }
    }

    /// Prints a message on a line of its own, unless the user wants results and errors only.
    func say(_ message: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            erase(&state)
            print(message + "\n")
        }
    }

    /// Takes the line away, before something else is printed.
    func clear() { state.withLock { erase(&$0) } }

    private func draw(_ text: String, _ columns: Int, _ state: inout State) {
        // The last column stays free: a terminal may go on to the next line there.
        let line = text.prefix(max(columns - 1, 0))
        print("\r" + line + String(repeating: " ", count: max(state.drawn - line.count, 0)))
        state.drawn = line.count
    }

    private func erase(_ state: inout State) {
        guard state.drawn > 0 else { return }
        print("\r" + String(repeating: " ", count: state.drawn) + "\r")
        state.drawn = 0
    }

    private static func printToStandardError(_ text: String) {
        // Nobody can be told that the terminal is gone.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}

/// Shows how far the body's work is, for as long as it lasts.
func withProgress<T>(
    _ work: String, unit: String = "environments", isQuiet: Bool, _ body: (ProgressLine) async throws -> T
) async throws -> T {
    let line = ProgressLine(work, unit: unit, isQuiet: isQuiet)
    defer { line.clear() }
    return try await body(line)
}
