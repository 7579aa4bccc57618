/// An amount of a resource, such as `1Gi`, `500m` or `2e3`.
///
/// Source: Kubernetes API reference, `Quantity`; k8s.io/apimachinery/pkg/api/resource.
struct Quantity: Sendable, Hashable {
    private enum Format: Sendable {
        case binary
        case decimal
        case exponent
    }

    /// In billionths, the finest that a quantity knows.
    let nanos: Int128
    private let format: Format

    static let malformedMessage =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

    private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
    private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    private static let nanosOfOne: Int128 = 1_000_000_000
    /// Beyond it a quantity is cut off.
    private static let limit = Int128(Int64.max) * nanosOfOne

    /// nil for what is no quantity.
    init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = Self.digits(&rest)
        var fraction: Substring.UTF8View = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = Self.digits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty, let suffix = Self.suffix(String(Substring(rest))) else { return nil }
        // More digits than these are beyond the limit, or finer than a billionth, whatever the suffix.
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        guard significant.count <= 20 else {
            nanos = isNegative ? -Self.limit : Self.limit
            format = suffix.format
            return
        }
        let decimals = Array(fraction.prefix(18))
        let mantissa = (Array(significant) + decimals).reduce(Int128(0)) { $0 * 10 + Int128($1 - 0x30) }
        let scaled = Self.scale(mantissa, decimals: decimals.count, suffix)
        nanos = min(scaled, Self.limit) * (isNegative ? -1 : 1)
        format = suffix.format
    }

    private static func digits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    private struct Suffix {
        let format: Format
        /// Of ten, or of 1024.
        let power: Int
    }

    private static func suffix(_ text: String) -> Suffix? {
        if let power = decimalSuffixes.firstIndex(of: text) { return Suffix(format: .decimal, power: (power - 3) * 3) }
        if let power = binarySuffixes.firstIndex(of: text) { return Suffix(format: .binary, power: power) }
        guard let first = text.utf8.first, first | 0x20 == UInt8(ascii: "e"), let power = Int(text.dropFirst()) else {
            return nil
        }
        return Suffix(format: .exponent, power: power)
    }

    /// What is finer than a billionth is rounded up.
    private static func scale(_ mantissa: Int128, decimals: Int, _ suffix: Suffix) -> Int128 {
        var (value, divisor) = (mantissa, Int128(1))
        var power = 9 - decimals
        switch suffix.format {
        case .binary:
            for _ in 0..<suffix.power { value = multiplied(value, 1024) }
        case .decimal, .exponent: power += max(-60, min(60, suffix.power))
        }
        if power >= 0 {
            for _ in 0..<power { value = multiplied(value, 10) }
        } else {
            for _ in 0..<min(38, -power) {
                divisor = multiplied(divisor, 10)
            }
        }
        return value / divisor + (value % divisor == 0 ? 0 : 1)
    }

    /// Stops growing far beyond the limit.
    private static func multiplied(_ value: Int128, _ factor: Int128) -> Int128 {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }

    /// In the one form that Kubernetes writes: the largest suffix that leaves no fraction.
    var canonicalText: String {
        if nanos == 0 { return "0" }
        let isSmall = abs(nanos) < 1024 * Self.nanosOfOne
        if format == .binary, !isSmall { return binaryText }
        var (mantissa, position) = (nanos, 0)
        while mantissa % 1000 == 0, position < Self.decimalSuffixes.count - 1 {
            mantissa /= 1000
            position += 1
        }
        if format == .exponent, position != 3 { return "\(mantissa)e\((position - 3) * 3)" }
        return "\(mantissa)\(Self.decimalSuffixes[position])"
    }

    private var binaryText: String {
        var (mantissa, position) = (roundedUp, 0)
        while mantissa % 1024 == 0, position < Self.binarySuffixes.count - 1 {
            mantissa /= 1024
            position += 1
        }
        return "\(mantissa)\(Self.binarySuffixes[position])"
    }

    /// In whole units, away from zero.
    var roundedUp: Int128 {
        let whole = nanos / Self.nanosOfOne
        guard nanos % Self.nanosOfOne != 0 else { return whole }
        return nanos > 0 ? whole + 1 : whole - 1
    }
}
