internal import LocalFiles

/// A moment, in microseconds since 1970, as Kubernetes writes it: RFC 3339 in UTC.
struct Timestamp: Sendable, Hashable, Comparable {
    var microseconds: Int64

    init(microseconds: Int64) { self.microseconds = microseconds }
    init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Rounded down, also before 1970.
    var seconds: Int64 { microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000 }

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(microseconds: moment.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    static func - (moment: Timestamp, duration: Duration) -> Timestamp { moment + (.zero - duration) }
}

/// What a cluster takes the time of day from.
struct ClusterClock: Sendable {
    let now: @Sendable () -> Timestamp
    /// Returns when that moment has come; throws when the task is cancelled.
    let sleep: @Sendable (_ until: Timestamp) async throws -> Void

    init(
        now: @escaping @Sendable () -> Timestamp, sleep: (@Sendable (_ until: Timestamp) async throws -> Void)? = nil
    ) {
        self.now = now
        self.sleep =
            sleep ?? { moment in
                // Somebody may set the time of day, so a long wait looks at it again.
                while case let left = moment.microseconds - now().microseconds, left > 0 {
                    try await Task.sleep(for: .microseconds(min(left, 60_000_000)))
                }
            }
    }

    static let system = ClusterClock { Timestamp(microseconds: TimeOfDay.microseconds()) }
}

// Source of the calendar arithmetic: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

extension Timestamp {
    /// `2026-11-23T23:30:33Z`
    var text: String { "\(dateAndTime)Z" }

    /// `2026-11-23T23:30:33.000000Z`
    var microText: String {
        let fraction = microseconds - seconds * 1_000_000
        return "\(dateAndTime).\(Self.padded(fraction, 6))Z"
    }

    private var dateAndTime: String {
        let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let time = seconds - days * 86400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        return "\(date)T\(Self.padded(time / 3600, 2)):\(Self.padded(time / 60 % 60, 2)):\(Self.padded(time % 60, 2))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// nil for anything but RFC 3339.
    init?(parsing text: String) {
        var reader = FieldReader(rest: text.utf8[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("Tt"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second < 60,
            let fraction = reader.fraction(), let offset = reader.offset(), reader.rest.isEmpty
        else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        microseconds = (days * 86400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
    }

    private struct FieldReader {
        var rest: Substring.UTF8View

        mutating func number(_ digits: Int) -> Int64? {
            let field = rest.prefix(digits)
            guard field.count == digits, field.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
            rest = rest.dropFirst(digits)
            return field.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        mutating func skip(_ any: StaticString) -> Bool {
            guard let byte = rest.first, any.withUTF8Buffer({ $0.contains(byte) }) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// In microseconds; what is finer is cut off.
        mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            let digits = rest.prefix { 0x30...0x39 ~= $0 }
            rest = rest.dropFirst(digits.count)
            guard !digits.isEmpty else { return nil }
            let kept = digits.prefix(6)
            return kept.reduce(0) { $0 * 10 + Int64($1 - 0x30) } * [100_000, 10_000, 1000, 100, 10, 1][kept.count - 1]
        }

        /// In seconds.
        mutating func offset() -> Int64? {
            if skip("Zz") { return 0 }
            let isEast = rest.first == 0x2B
            guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2) else { return nil }
            return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
        }
    }
}
