import CLibrary
import LocalFiles
import StateStorage
import TestScopes
import Testing

@testable import Runner

@Suite struct SavedPlanTests {
    private static let mark = StateMark(serial: 4, lineage: "l")

    private func plan(
        state: StateMark? = mark, lockFile: [UInt8]? = Array("locks".utf8)
    ) throws -> SavedPlan {
        SavedPlan(
            facts: SavedPlan.Facts(
                environment: try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be"), namespace: "ns",
                backend: .kubernetes, engine: EngineVersion(name: "terraform", number: "1.11.4"), state: state,
                destroys: true),
            plan: [80, 75, 0, 255], lockFile: lockFile)
    }

    @Test func comesBackFromAFileThatOnlyItsOwnerReads() async throws {
        try await withTemporaryFolder { folder in
            let largest = StateMark(serial: .max, lineage: "l")
            for plan in [try plan(), try plan(state: nil, lockFile: nil), try plan(state: largest)] {
                try plan.write(to: "\(folder)/plan")
                #expect(try SavedPlan(reading: "\(folder)/plan") == plan)
            }
            var information = stat()
            #expect(stat("\(folder)/plan", &information) == 0)
            #expect(information.st_mode & 0o777 == 0o600)
        }
    }

    @Test func anotherFileIsNoPlan() async throws {
        try await withTemporaryFolder { folder in
            try write(["text": "x", "empty": ""], below: folder)
            try plan().write(to: "\(folder)/plan")
            let whole = try PrivateFile.read("\(folder)/plan")
            try PrivateFile.write(whole.dropLast(1500), to: "\(folder)/cut")
            for name in ["text", "empty", "cut"] {
                let error = #expect(throws: RunError.self) { try SavedPlan(reading: "\(folder)/\(name)") }
                #expect(error?.code == .plan)
            }
            #expect(throws: FileError.self) { try SavedPlan(reading: "\(folder)/missing") }
        }
    }

    @Test func isForOneEnvironmentNamespaceAndEngine() throws {
        let plan = try plan()
        try plan.check(environment: plan.facts.environment, namespace: "ns")
        try plan.check(environment: plan.facts.environment, namespace: "")
        try plan.check(engine: EngineVersion(name: "terraform", number: "1.11.4"))
        let other = try EnvironmentID("11111111-b337-93a4-ad65-1d565c5e25be")
        for error in [
            #expect(throws: RunError.self) { try plan.check(environment: other, namespace: "ns") },
            #expect(throws: RunError.self) { try plan.check(environment: plan.facts.environment, namespace: "x") },
            #expect(throws: RunError.self) { try plan.check(engine: EngineVersion(name: "tofu", number: "1.11.4")) },
            #expect(throws: RunError.self) {
                try plan.check(engine: EngineVersion(name: "terraform", number: "1.9.0"))
            },
        ] {
            #expect(error?.code == .plan)
        }
    }

    @Test func aStateThatMovedIsNamedWithBothSerials() throws {
        try plan().check(state: Self.mark)
        try plan(state: nil).check(state: nil)
        let first = #expect(throws: RunError.self) { try plan(state: nil).check(state: Self.mark) }
        #expect(first?.description.contains("starts from no state") == true)
        for state in [StateMark(serial: 5, lineage: "l"), StateMark(serial: 4, lineage: "m"), nil] {
            let error = #expect(throws: RunError.self) { try plan().check(state: state) }
            #expect(error?.code == .stalePlan)
            #expect(error?.description.contains("serial 4 of lineage l") == true)
            if let state {
                let text = "serial \(state.serial) of lineage \(state.lineage) now"
                #expect(error?.description.contains(text) == true)
            }
        }
    }
}
