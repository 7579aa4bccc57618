import Synchronization
import Testing

@testable import Commands

@Suite struct ProgressLineTests {
    /// A terminal that remembers, and a clock that is set.
    private final class Terminal: Sendable {
        private let printed = Mutex("")
        private let elapsed = Mutex(Duration.zero)
        private let start = ContinuousClock.now

        /// What was printed since the last look.
        func take() -> String {
            printed.withLock { text in
                defer { text = "" }; return text
            }
        }

        func wait(_ time: Duration) { elapsed.withLock { $0 += time } }

        func line(columns: Int? = 80, isQuiet: Bool = false) -> ProgressLine {
            ProgressLine(
                "Working", isQuiet: isQuiet, columns: columns,
                now: { self.start + self.elapsed.withLock { $0 } },
                print: { text in self.printed.withLock { $0 += text } })
        }
    }

    private let terminal = Terminal()

    @Test func whatIsQuickShowsNothing() {
        let line = terminal.line()
        terminal.wait(.milliseconds(999))
        line.update(5, of: 10)
        line.clear()
        #expect(terminal.take().isEmpty)
    }

    @Test func drawsTenTimesASecondAndCleansUp() {
        let line = terminal.line()
        terminal.wait(.seconds(1))
        line.update(120, of: 1000)
        #expect(terminal.take() == "\rWorking: 120 of 1000 environments")
        terminal.wait(.milliseconds(99))
        line.update(121, of: 1000)
        #expect(terminal.take().isEmpty)
        terminal.wait(.milliseconds(1))
        line.update(7, of: 1000)
        #expect(terminal.take() == "\rWorking: 7 of 1000 environments  ")
        line.say("a message")
        #expect(terminal.take() == "\r\(String(repeating: " ", count: 31))\ra message\n")
        line.clear()
        #expect(terminal.take().isEmpty)
    }

    @Test func staysOnOneLine() {
        let line = terminal.line(columns: 20)
        terminal.wait(.seconds(1))
        line.update(1, of: 1000)
        #expect(terminal.take() == "\rWorking: 1 of 1000 ")
    }

    @Test func aPipeGetsMessagesOnly() {
        let line = terminal.line(columns: nil)
        terminal.wait(.seconds(9))
        line.update(1, of: 2)
        line.say("a message")
        line.clear()
        #expect(terminal.take() == "a message\n")
    }

    @Test func quietGetsNothing() {
        let line = terminal.line(isQuiet: true)
        terminal.wait(.seconds(9))
        line.update(1, of: 2)
        line.say("a message")
        #expect(terminal.take().isEmpty)
    }
}
