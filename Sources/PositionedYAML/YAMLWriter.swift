public import OrderedJSON
internal import Yams

/// JSON as YAML, as sigs.k8s.io/yaml writes it: strings quoted where they would mean something else.
public enum YAMLWriter {
    /// - Parameter isSorted: keys are sorted, as Kubernetes does; otherwise members keep their order.
    public static func document(_ json: JSON, isSorted: Bool = true) throws -> [UInt8] {
        Array(try Yams.serialize(node: node(json, isSorted), width: -1, allowUnicode: true).utf8)
    }

    private static func node(_ json: JSON, _ isSorted: Bool) -> Node {
        switch json {
        case .null: plain("null")
        case .bool(let value): plain(value ? "true" : "false")
        case .number(let value): plain(value.text)
        case .string(let value): string(value)
        case .array(let elements):
            .sequence(Node.Sequence(elements.map { node($0, isSorted) }, Tag(.seq), elements.isEmpty ? .flow : .block))
        case .object(let members):
            .mapping(
                Node.Mapping(
                    (isSorted ? members.sorted { isBefore($0.key, $1.key) } : Array(members)).map {
                        (string($0.key), node($0.value, isSorted))
                    }, Tag(.map), members.isEmpty ? .flow : .block))
        }
    }

    private static func plain(_ text: String) -> Node { .scalar(Node.Scalar(text, Tag(.str), .plain)) }

    private static func string(_ text: String) -> Node {
        let style: Node.Scalar.Style =
            text.contains("\n")
            ? .literal : YAMLScalar(text) == .string && !isSexagesimal(text) ? .plain : .doubleQuoted
        return .scalar(Node.Scalar(text, Tag(.str), style))
    }

    /// `1:20` is eighty to some readers of YAML 1.1.
    private static func isSexagesimal(_ text: String) -> Bool {
        guard text.contains(":"), text.first.map({ "+-0123456789".contains($0) }) == true else { return false }
        return text.allSatisfy { "+-0123456789_:.".contains($0) }
    }

    /// Numbers in keys count as numbers: `a2` comes before `a10`; letters come after everything else.
    ///
    /// Source: gopkg.in/yaml.v2, `keyList.Less`.
    static func isBefore(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
        for index in 0..<min(a.count, b.count) where a[index] != b[index] {
            let (isLeftLetter, isRightLetter) = (a[index].properties.isAlphabetic, b[index].properties.isAlphabetic)
            if isLeftLetter, isRightLetter { return a[index] < b[index] }
            if isLeftLetter || isRightLetter { return isRightLetter }
            let (first, second) = (digits(a[index...]), digits(b[index...]))
            if let first, let second, first.value != second.value { return first.value < second.value }
            if let first, let second, first.count != second.count { return first.count < second.count }
            return a[index] < b[index]
        }
        return a.count < b.count
    }

    private static func digits(_ scalars: ArraySlice<Unicode.Scalar>) -> (value: Int, count: Int)? {
        let run = scalars.prefix { 0x30...0x39 ~= $0.value }
        guard !run.isEmpty else { return nil }
        let value = run.reduce(0) { $0 &* 10 &+ Int($1.value - 0x30) }
        return (value, run.count)
    }
}
