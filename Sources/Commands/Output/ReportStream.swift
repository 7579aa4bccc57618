internal import OrderedJSON
internal import Yams

/// Prints records as they come, in the same form as a ``Report`` of all of them.
///
/// A table's columns are as wide as the first hundred rows need; a later cell that is wider moves the rest of its row.
struct ReportStream {
    private static let sampleSize = 100

    private let columns: [String]
    private let format: OutputFormat
    private let write: (String) -> Void
    private var sample: [[String]] = []
    private var layout: TableLayout?
    private var isEmpty = true

    /// - Parameter write: takes what is to be printed; the standard output by default.
    init(columns: [String], format: OutputFormat, write: @escaping (String) -> Void = Self.printed) {
        self.columns = columns
        self.format = format
        self.write = write
    }

    static func printed(_ text: String) {
        Swift.print(text, terminator: "")
        flushStandardOutput()
    }

    mutating func add(_ record: JSON, _ row: [String]) throws {
        switch format {
        case .json:
            let text = record.prettyText.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
            write((isEmpty ? "[\n  " : ",\n  ") + text.joined(separator: "\n  "))
        case .yaml: write(try Yams.serialize(node: JSON.array([record]).yamlNode))
        case .table:
            if let layout {
                write(layout.line(row))
            } else {
                sample.append(row)
                if sample.count == Self.sampleSize { writeSample() }
            }
        }
        isEmpty = false
    }

    /// Prints what is left, and what closes the list.
    mutating func end() throws {
        switch format {
        case .json: write(isEmpty ? "[]\n" : "\n]\n")
        case .yaml: if isEmpty { write("[]\n") }
        case .table: if layout == nil { writeSample() }
        }
    }

    private mutating func writeSample() {
        let layout = TableLayout(columns: columns, rows: sample)
        write(layout.header + sample.map(layout.line).joined())
        sample = []
        self.layout = layout
    }
}
