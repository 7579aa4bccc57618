import Testing

@testable import Runner

@Suite struct EngineSummaryTests {
    private func counts(
        _ operation: RunRequest.Operation, succeeded: Bool = true, _ lines: String...
    ) -> ResourceCounts? {
        var summary = EngineSummary()
        for line in lines { summary.read(Array(line.utf8)) }
        return summary.counts(of: operation, succeeded: succeeded)
    }

    @Test func readsTheLineThatSumsUp() {
        #expect(
            counts(.plan, "x", "Plan: 1 to add, 2 to change, 3 to destroy.")
                == ResourceCounts(added: 1, changed: 2, destroyed: 3))
        #expect(
            counts(.plan, "Plan: 7 to import, 1 to add, 0 to change, 12 to destroy.")
                == ResourceCounts(added: 1, changed: 0, destroyed: 12))
        #expect(
            counts(
                .apply, "Plan: 1 to add, 0 to change, 0 to destroy.",
                "Apply complete! Resources: 4 imported, 5 added, 6 changed, 7 destroyed.")
                == ResourceCounts(added: 5, changed: 6, destroyed: 7))
        #expect(counts(.destroy, "Destroy complete! Resources: 2 destroyed.") == ResourceCounts(destroyed: 2))
    }

    @Test func readsThroughColours() {
        #expect(
            counts(
                .apply,
                "\u{1B}[0m\u{1B}[1m\u{1B}[32mApply complete! Resources: 1 added, 0 changed, 0 destroyed.\u{1B}[0m")
                == ResourceCounts(added: 1))
        #expect(
            counts(.plan, "\u{1B}[0m\u{1B}[1mPlan:\u{1B}[0m \u{1B}[0m1 to add, 0 to change, 0 to destroy.")
                == ResourceCounts(added: 1))
    }

    @Test func aPlanWithoutSuchALineChangesNoResource() {
        #expect(counts(.plan, "No changes. Your infrastructure matches the configuration.") == ResourceCounts())
        #expect(counts(.plan, succeeded: false, "Error: x") == nil)
    }

    @Test func whatWasPlannedIsNotTakenForWhatWasDone() {
        #expect(counts(.apply, succeeded: false, "Plan: 1 to add, 0 to change, 0 to destroy.", "Error: x") == nil)
    }

    @Test func whatAModulePrintsIsNoSummary() {
        #expect(counts(.apply, #"out = "Apply complete! Resources: 9 added, 9 changed, 9 destroyed.""#) == nil)
    }
}
