import Synchronization
import TerraformState

@testable import StateStorage

/// What processes did and saw.
final class InterleavingRecord: Sendable {
    struct Notes {
        var possible: Set<StateFile?>
        var acknowledged: [StateFile] = []
        var byEngine: Set<StateFile> = []
        var faults: [String] = []
        var isTorn = false
    }

    /// Whether an engine writes several parts, one after the other: until it is done there is no state to be read.
    private let mayTear: Bool
    private let state: Mutex<Notes>

    init(_ first: StateFile?, mayTear: Bool) {
        self.mayTear = mayTear
        state = Mutex(Notes(possible: [first]))
    }

    var notes: Notes { state.withLock { $0 } }

    func attempt(_ file: StateFile) { state.withLock { _ = $0.possible.insert(file) } }

    func acknowledge(_ file: StateFile, byEngine: Bool = false) {
        state.withLock { notes in
            notes.acknowledged.append(file)
            if byEngine { notes.byEngine.insert(file) }
        }
    }

    func read(_ file: StateFile?) throws {
        state.withLock { if !$0.possible.contains(file) { $0.faults.append("read what nobody wrote") } }
    }

    func tear() { state.withLock { $0.isTorn = true } }

    func fail(_ fault: String) { state.withLock { $0.faults.append(fault) } }

    /// Runs a process of ours; all it may say is that others were faster.
    func noting(_ name: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is SteppedProcess.Death {
        } catch is StateRefusal {
        } catch let error as StateStoreError where [.changed, .unsettled].contains(error.code) {
        } catch let error as StateStoreError where error.code == .damaged && mayTear {
        } catch {
            fail("\(name): \(error)")
        }
    }
}
