import Testing

@testable import Commands

@Suite struct DifferenceReportTests {
    /// What is cut off a cell is never where the two values differ.
    @Test func longValuesAreCutWhereTheyAreTheSame() {
        let long = String(repeating: "x", count: 200)
        let (before, after) = StateReports.shortened("\(long)before", "\(long)after")
        #expect(before == "…xxxxxxxxxxxxbefore")
        #expect(after == "…xxxxxxxxxxxxafter")
        let (first, second) = StateReports.shortened("a\(long)", "b")
        #expect(first.hasPrefix("axxx") && first.hasSuffix("…") && first.count == 48)
        #expect(second == "b")
        #expect(StateReports.shortened(nil, long).0 == "-")
        #expect(StateReports.shortened("short", "shorter") == ("short", "shorter"))
        // One is the beginning of the other.
        #expect(StateReports.shortened(long, "\(long)y").1.hasSuffix("xy"))
    }
}
