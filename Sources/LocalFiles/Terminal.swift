internal import CLibrary

/// What stands behind a descriptor that people look at.
public enum Terminal {
    private static let usualWidth = 80

    /// The columns of the terminal that standard error is; nil where it is none, such as a pipe or a file.
    public static var standardErrorColumns: Int? { columns(of: STDERR_FILENO) }

    /// The columns of the terminal that standard output is; nil where it is none.
    public static var standardOutputColumns: Int? { columns(of: STDOUT_FILENO) }

    /// Whether standard output and standard error are the same file, so that the order of what is written to both matters.
    public static var isOutputShared: Bool {
        var (output, errors) = (stat(), stat())
        guard fstat(STDOUT_FILENO, &output) == 0, fstat(STDERR_FILENO, &errors) == 0 else { return false }
        return output.st_dev == errors.st_dev && output.st_ino == errors.st_ino
    }

    private static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usualWidth }
        return Int(size.ws_col)
    }
}
