import CLibrary
import LocalFiles
import SystemPackage
import Testing

@Suite struct PseudoTerminalTests {
    @Test func isATerminalThatChangesNoByte() throws {
        let terminal = try PseudoTerminal(columns: 132)
        defer { for end in [terminal.reading, terminal.writing] { try? end.close() } }
        let text = Array("a\nb\r\n\t\u{3}\u{4}\u{1B}[1mä".utf8)
        #expect(try terminal.writing.writeAll(text) == text.count)
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = try bytes.withUnsafeMutableBytes { try terminal.reading.read(into: $0) }
        #expect(Array(bytes[..<count]) == text)
        #expect(isatty(terminal.writing.rawValue) == 1)
        var size = winsize()
        #expect(ioctl(terminal.writing.rawValue, UInt(TIOCGWINSZ), &size) == 0)
        #expect(size.ws_col == 132)
    }

    @Test func whoWritesWithoutAReaderIsToldByAnErrorAndNotEnded() throws {
        let terminal = try PseudoTerminal(columns: 80)
        try terminal.reading.close()
        #expect(throws: Errno.ioError) { try terminal.writing.writeAll([1]) }
        try terminal.writing.close()
    }
}
