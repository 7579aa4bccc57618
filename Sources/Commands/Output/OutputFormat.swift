internal import ArgumentParser
internal import OrderedJSON
internal import Yams

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, yaml
}

/// A result that can be printed in every format.
struct Report {
    /// One record of fields, or an array of them.
    let json: JSON
    let columns: [String]
    let rows: [[String]]

    func rendered(_ format: OutputFormat) throws -> String {
        switch format {
        case .json: json.prettyText
        case .yaml: try Yams.serialize(node: json.yamlNode)
        case .table: table
        }
    }

    private var table: String {
        let layout = TableLayout(columns: columns, rows: rows)
        return layout.header + rows.map(layout.line).joined()
    }
}

/// Columns as kubectl sets them: upper-case names, three spaces between, the last one not padded.
struct TableLayout {
    private let columns: [String]
    private let widths: [Int]

    /// As wide as the widest cell of these rows.
    init(columns: [String], rows: [[String]]) {
        self.columns = columns.map { $0.uppercased() }
        widths = columns.indices.map { column in max(columns[column].count, rows.map { $0[column].count }.max() ?? 0) }
    }

    var header: String { line(columns) }

    func line(_ row: [String]) -> String {
        row.enumerated().map { offset, cell in
            offset == row.count - 1
                ? cell : cell + String(repeating: " ", count: max(widths[offset] - cell.count, 0) + 3)
        }.joined() + "\n"
    }
}

extension JSON {
    var yamlNode: Node {
        switch self {
        case .null: Node("null", Tag(.null))
        case .bool(let value): Node(value ? "true" : "false", Tag(.bool))
        case .number(let value): Node(value.text, Tag(.int))
        case .string(let value): Node(value, Tag(.str))
        case .array(let elements): Node(elements.map(\.yamlNode))
        case .object(let members): Node(members.map { (Node($0.key, Tag(.str)), $0.value.yamlNode) })
        }
    }
}
