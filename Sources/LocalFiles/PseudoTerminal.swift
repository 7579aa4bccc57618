internal import CLibrary
public import SystemPackage

/// Two ends of a channel of which a program that holds one believes that it is a terminal.
///
/// Unlike with a pipe, a program that writes to it when nobody reads any more is told so by an error, and not ended by a
/// signal.
public struct PseudoTerminal: Sendable {
    /// Where what is written to the other end arrives.
    public let reading: FileDescriptor
    /// What a program is given. Bytes pass as they are: no line feed is changed.
    public let writing: FileDescriptor

    /// - Parameter columns: its width, for whoever asks.
    public init(columns: Int) throws(FileError) {
        var (main, other): (Int32, Int32) = (-1, -1)
        var settings = termios()
        var size = winsize()
        size.ws_col = UInt16(clamping: columns)
        size.ws_row = 24
        guard openpty(&main, &other, nil, nil, &size) == 0 else {
            throw FileError(path: "/dev/ptmx", action: "open", number: errno)
        }
        reading = FileDescriptor(rawValue: main)
        writing = FileDescriptor(rawValue: other)
        for descriptor in [main, other] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        guard tcgetattr(other, &settings) == 0 else { return }
        cfmakeraw(&settings)
        tcsetattr(other, TCSANOW, &settings)
    }
}
