internal import CLibrary

/// What stands behind a descriptor that people look at.
public enum Terminal {
    private static let usualWidth = 80

    /// The columns of the terminal that standard error is; nil where it is none, such as a pipe or a file.
    public static var standardErrorColumns: Int? {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usualWidth }
        return Int(size.ws_col)
    }
}
