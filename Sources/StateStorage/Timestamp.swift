internal import CLibrary

/// Times as RFC 3339 writes them, in UTC.
public enum Timestamp {
    /// The time of day now: `2026-11-24T22:00:00.123456789Z`, as the engines write it into lock info.
    public static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return text(seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec))
    }

    /// The time of day after some time has passed.
    public static func after(_ duration: Duration) -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return text(seconds: Int(time.tv_sec) + Int(duration.components.seconds), nanoseconds: Int(time.tv_nsec))
    }

    /// A time to the microsecond, as the API wants it of Leases.
    ///
    /// - Parameter seconds: since 1970; nil for the time of day now by this machine's clock.
    static func microseconds(_ seconds: Double?) -> String {
        guard let seconds else { return now().dropLast(4) + "Z" }
        let whole = seconds.rounded(.down)
        return text(seconds: Int(whole), nanoseconds: Int((seconds - whole) * 1e9)).dropLast(4) + "Z"
    }

    /// - Parameter seconds: since 1970.
    static func text(seconds: Int, nanoseconds: Int) -> String {
        let (days, second) = (seconds / 86400, seconds % 86400)
        let date = civil(days)
        let time = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(time)."
            + "\(padded(nanoseconds, 9))Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`, for days after 1970.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
