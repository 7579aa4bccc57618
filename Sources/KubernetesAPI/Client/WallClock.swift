internal import CLibrary

/// The time of day, which expiry dates are compared with.
enum WallClock {
    /// Seconds since 1970.
    @Sendable static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Times as RFC 3339 writes them and Kubernetes uses them: `2026-11-23T20:01:02.5+01:00`.
public enum RFC3339 {
    /// Seconds since 1970; nil for anything else.
    public static func seconds(_ text: String) -> Double? {
        var rest = text.utf8[...]
        guard let year = number(&rest, 4), skip(&rest, "-"), let month = number(&rest, 2), skip(&rest, "-"),
            let day = number(&rest, 2), skip(&rest, "Tt"), let hour = number(&rest, 2), skip(&rest, ":"),
            let minute = number(&rest, 2), skip(&rest, ":"), let second = number(&rest, 2),
            1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second <= 60,
            let fraction = fraction(&rest), let offset = offset(&rest), rest.isEmpty
        else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        return Double(days * 86400 + hour * 3600 + minute * 60 + second - offset) + fraction
    }

    private static func number(_ rest: inout Substring.UTF8View, _ digits: Int) -> Int? {
        let field = rest.prefix(digits)
        guard field.count == digits, field.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        rest = rest.dropFirst(digits)
        return field.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func skip(_ rest: inout Substring.UTF8View, _ any: StaticString) -> Bool {
        guard let byte = rest.first, any.withUTF8Buffer({ $0.contains(byte) }) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func fraction(_ rest: inout Substring.UTF8View) -> Double? {
        guard skip(&rest, ".") else { return 0 }
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        rest = rest.dropFirst(digits.count)
        return digits.isEmpty ? nil : Double("0.\(Substring(digits))")
    }

    private static func offset(_ rest: inout Substring.UTF8View) -> Int? {
        if skip(&rest, "Zz") { return 0 }
        let isEast = rest.first == 0x2B
        guard skip(&rest, "+-"), let hours = number(&rest, 2), skip(&rest, ":"), let minutes = number(&rest, 2)
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }

    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
