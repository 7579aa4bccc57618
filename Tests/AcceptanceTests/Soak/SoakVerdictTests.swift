import Testing

/// That each kind of loss is told, and nothing is told where there is none.
@Suite struct SoakVerdictTests {
    private static let environment = "e"

    private static func write(_ serial: UInt64, _ digest: Int, lineage: String = "l") -> SoakJournal.StateWrite {
        SoakJournal.StateWrite(serial: serial, lineage: lineage, digest: digest, marker: "marker \(digest)")
    }

    private static func violations(
        _ states: [SoakJournal.StateWrite?], holders: [String?] = [], _ claims: SoakClaim.Content...
    ) -> [String] {
        SoakVerdict.violations(
            SoakJournal.Entries(states: [environment: states], holders: [environment: holders]),
            claims.map { SoakClaim(environment: environment, program: "p", content: $0, since: 2) })
    }

    private static let sound = [write(1, 1), write(2, 2), write(2, 2), write(4, 3)]

    @Test func findsNothingWhereAllIsWell() {
        let found = Self.violations(
            Self.sound, holders: ["a", "a", nil, "b", nil], .wrote(digest: 3), .marked("marker 2"), .serial(4),
            .read(Self.write(2, 2)))
        #expect(found.isEmpty, "\(found)")
    }

    @Test(arguments: [
        [write(1, 1), write(2, 2), write(2, 3)], [write(2, 2), write(1, 1)],
        [write(1, 1), write(2, 2, lineage: "other")], [write(1, 1), nil],
    ])
    func findsStatesThatDoNotFollow(states: [SoakJournal.StateWrite?]) {
        #expect(Self.violations(states).count == 1)
    }

    @Test(arguments: [["a", "b", nil], ["a", nil, "a"]]) func findsTwoHolders(holders: [String?]) {
        #expect(Self.violations(Self.sound, holders: holders).count == 1)
    }

    @Test(arguments: [
        SoakClaim.Content.wrote(digest: 9), .marked("marker 9"), .serial(3), .read(write(2, 9)), .read(write(1, 1)),
    ])
    func findsWhatWasPromisedAndIsNotThere(claim: SoakClaim.Content) {
        #expect(Self.violations(Self.sound, claim).count == 1)
    }
}
