import Testing

/// That each kind of loss is told, and nothing is told where there is none.
@Suite struct SoakVerdictTests {
    private static let environment = "e"

    private static func write(_ serial: UInt64, _ digest: Int, lineage: String = "l") -> SoakJournal.StateWrite {
        SoakJournal.StateWrite(serial: serial, lineage: lineage, digest: digest, marker: "marker \(digest)")
    }

    private static func violations(
        _ states: [SoakJournal.StateWrite?], holders: [String?] = [], writes: [UInt64] = [],
        _ claims: SoakClaim.Content...
    ) -> [String] {
        let holdings = holders.enumerated().map {
            SoakJournal.Holding(holder: $1, version: UInt64(10 * $0))
        }
        return SoakVerdict.violations(
            SoakJournal.Entries(
                states: [environment: states], writes: [environment: writes], holders: [environment: holdings]),
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

    @Test(
        arguments: [
            (["a", "b", nil], []), (["a", nil, "b", nil, "a"], []), (["a", nil, "a"], [5]), (["a", nil, "a"], [15]),
            (["a", nil, "a", nil, "a"], [25]),
        ] as [([String?], [UInt64])])
    func findsTwoHolders(holders: [String?], writes: [UInt64]) {
        #expect(Self.violations(Self.sound, holders: holders, writes: writes).count == 1)
    }

    /// What it writes before and after does not count.
    @Test func whoDidNothingWithALockMayAskForItAgain() {
        let found = Self.violations(Self.sound, holders: [nil, "a", nil, "a", nil, "a", nil], writes: [5, 55])
        #expect(found.isEmpty, "\(found)")
    }

    @Test(arguments: [
        SoakClaim.Content.wrote(digest: 9), .marked("marker 9"), .serial(3), .read(write(2, 9)), .read(write(1, 1)),
    ])
    func findsWhatWasPromisedAndIsNotThere(claim: SoakClaim.Content) {
        #expect(Self.violations(Self.sound, claim).count == 1)
    }
}
