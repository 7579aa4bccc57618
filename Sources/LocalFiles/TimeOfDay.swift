internal import CLibrary

/// The time of day of this machine.
///
/// It is here because the C library's types cannot be taken apart in a module that also imports Foundation, as YAML does:
/// optimised builds then take them for Foundation's.
public enum TimeOfDay {
    /// Microseconds since 1970.
    public static func microseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}

/// The length of a file in bytes; nil where there is none.
public func lengthOfFile(_ path: String) -> Int64? {
    var information = stat()
    return stat(path, &information) == 0 ? Int64(information.st_size) : nil
}
