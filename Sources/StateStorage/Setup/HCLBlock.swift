/// A block of HCL, formatted as `terraform fmt` does: two spaces a level, the `=` of neighbouring lines under each other.
struct HCLBlock {
    enum Item {
        /// - Parameter expression: as it stands in the file.
        case attribute(String, String)
        /// A list that takes a line an element.
        case list(String, [String])
        case block(HCLBlock)
    }

    let head: String
    var items: [Item]

    init(_ head: String, _ items: [Item]) {
        self.head = head
        self.items = items
    }

    var lines: [String] {
        var inner: [String] = []
        var (width, previous): (Int, Item?) = (0, nil)
        for (index, item) in items.enumerated() {
            // The page sets inner blocks off.
            if case .block = item, previous != nil { inner.append("") }
            switch item {
            case .attribute(let name, let expression):
                if !(previous?.isAttribute ?? false) { width = nameWidth(from: index) }
                inner.append("\(name)\(String(repeating: " ", count: width - name.count)) = \(expression)")
            case .list(let name, let elements):
                inner.append("\(name) = [")
                inner += elements.map { "  \($0)," }
                inner.append("]")
            case .block(let block): inner += block.lines
            }
            previous = item
        }
        return ["\(head) {"] + inner.map { $0.isEmpty ? $0 : "  \($0)" } + ["}"]
    }

    /// Of the names of the attributes that follow one another from here on.
    private func nameWidth(from index: Int) -> Int {
        items[index...].prefix(while: \.isAttribute).map { item in
            if case .attribute(let name, _) = item { name.count } else { 0 }
        }.max() ?? 0
    }

    /// A string literal, with what HCL would take for an interpolation escaped.
    static func string(_ text: String) -> String {
        var escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        escaped = escaped.replacing("${", with: "$${").replacing("%{", with: "%%{")
        return "\"\(escaped)\""
    }

    static func list(_ texts: [String]) -> String { "[\(texts.map(string).joined(separator: ", "))]" }
}

extension HCLBlock.Item {
    fileprivate var isAttribute: Bool {
        if case .attribute = self { true } else { false }
    }
}
