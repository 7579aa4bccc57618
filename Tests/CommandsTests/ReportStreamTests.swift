import OrderedJSON
import Testing

@testable import Commands

@Suite struct ReportStreamTests {
    /// Row by row, the same comes out as for all rows at once.
    @Test(arguments: OutputFormat.allCases, [0, 1, 2, 99, 100, 101, 250])
    func printsWhatAReportPrints(format: OutputFormat, count: Int) throws {
        let records = (0..<count).map { number -> (json: JSON, row: [String]) in
            (["name": .string("n\(number)"), "lines": ["a\nb", [], [:], .null]], ["n\(number % 100)", "x", ""])
        }
        var text = ""
        var stream = ReportStream(columns: ["Name", "Long column", ""], format: format) { text += $0 }
        for record in records { try stream.add(record.json, record.row) }
        try stream.end()
        let report = Report(
            json: .array(records.map(\.json)), columns: ["Name", "Long column", ""], rows: records.map(\.row))
        #expect(text == (try report.rendered(format)))
    }

    @Test func printsRowsBeforeItKnowsAll() throws {
        var pieces: [String] = []
        var stream = ReportStream(columns: ["Name", "Last"], format: .table) { pieces.append($0) }
        for number in 0..<102 { try stream.add([:], [number == 101 ? "much wider than before" : "n", "x"]) }
        #expect(pieces.count == 3)
        #expect(pieces[1] == "n      x\n")
        #expect(pieces[2] == "much wider than before   x\n")
    }
}
