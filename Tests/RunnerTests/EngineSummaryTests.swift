import OrderedJSON
import Synchronization
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
        let fake = "Apply complete! Resources: 9 added, 9 changed, 9 destroyed."
        #expect(counts(.apply, "out = \"\(fake)\"") == nil)
        let summary = "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."
        #expect(counts(.apply, summary, "out = <<EOT", fake, "EOT") == ResourceCounts(added: 1))
    }

    @Test func readsJSON() throws {
        var summary = EngineSummary()
        for (operation, add) in [("plan", 2), ("apply", 1)] {
            let line: JSON = [
                "type": "change_summary",
                "changes": [
                    "add": .number(JSONNumber(add)), "change": 3, "remove": 4, "operation": .string(operation),
                ],
            ]
            summary.read(EngineLine(line.bytes, mayBeJSON: true))
        }
        #expect(summary.counts(of: .plan, succeeded: true) == ResourceCounts(added: 2, changed: 3, destroyed: 4))
        #expect(summary.counts(of: .apply, succeeded: true) == ResourceCounts(added: 1, changed: 3, destroyed: 4))
    }

    @Test func tellsEventsFromTheEnginesJSON() throws {
        func events(_ line: String) -> [RunEvent] {
            let events = Mutex([RunEvent]())
            EngineLine(Array(line.utf8), mayBeJSON: true).report { event in events.withLock { $0.append(event) } }
            return events.withLock { $0 }
        }
        let planned =
            #"{"change":{"resource":{"addr":"a.b[\"c\"]"},"action":"replace"},"type":"planned_change"}"#
        #expect(
            events(planned) == [
                .engine(try JSON(parsing: planned)), .resource(address: #"a.b["c"]"#, action: "replace", .planned),
            ])
        let failed = #"{"hook":{"resource":{"addr":"a.b"},"action":"create"},"type":"apply_errored"}"#
        #expect(events(failed).last == .resource(address: "a.b", action: "create", .failed))
        #expect(events(#"{"type":"version"}"#) == [.engine(["type": "version"])])
        #expect(events("{broken") == [.text("{broken")])
        #expect(events("\u{1B}[1mtext\u{1B}[0m") == [.text("text")])
        #expect(events("") == [])
    }
}
