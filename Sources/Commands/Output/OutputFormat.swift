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

    /// Columns as kubectl sets them: upper-case names, three spaces between, the last one not padded.
    private var table: String {
        let lines = [columns.map { $0.uppercased() }] + rows
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            line.enumerated().map { offset, cell in
                offset == line.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[offset] - cell.count + 3)
            }.joined() + "\n"
        }.joined()
    }
}

extension JSON {
    fileprivate var yamlNode: Node {
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
