/// A duration as the engines write it: `60s`, `1m30s`, `1.5h`.
public enum EngineDuration {
    private static let units: [(name: String, seconds: Double)] = [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600),
    ]
    /// A century: what is longer is meant to be for ever.
    private static let longest = 3.2e9

    /// nil for anything that is none.
    public static func duration(_ text: String) -> Duration? {
        var rest = text[...]
        var seconds = 0.0
        repeat {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            guard let value = Double(number) else { return nil }
            if rest.isEmpty, number == text { return value == 0 ? .zero : nil }
            guard let unit = units.first(where: { rest.prefix { $0.isLetter || $0 == "µ" } == $0.name }) else {
                return nil
            }
            rest = rest.dropFirst(unit.name.count)
            seconds += value * unit.seconds
        } while !rest.isEmpty
        return .seconds(min(seconds, longest))
    }
}
