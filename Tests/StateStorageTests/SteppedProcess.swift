import KubernetesAPI
import Synchronization

/// Something that asks a cluster, as one process among others: it stands still at each of its requests until it is let on.
/// What it does is the same each time, whatever the machine does.
final class SteppedProcess: Sendable {
    struct Death: Error {}

    private struct State {
        var waiting: [(request: APIRequest, continuation: CheckedContinuation<APIResponse, any Error>)] = []
        var isDead = false
        var isDone = false
        var steps = 0
    }

    let name: String
    private let mayDelete: Bool
    private let state = Mutex(State())
    private let executor = Executor()

    /// - Parameter mayDelete: more than the documented Role grants.
    init(_ name: String, mayDelete: Bool = false, _ body: @escaping @Sendable (any Transport) async -> Void) {
        self.name = name
        self.mayDelete = mayDelete
        let gate = Gate(process: self)
        Task(executorPreference: executor) {
            await body(gate)
            gate.process.state.withLock { $0.isDone = true }
        }
    }

    /// The requests that were answered.
    var steps: Int { state.withLock { $0.steps } }

    /// Runs it to its next request.
    ///
    /// - Returns: false when it has ended.
    func isWaiting() async -> Bool {
        while true {
            executor.runWhatIsReady()
            let (isWaiting, isDone) = state.withLock { (!$0.waiting.isEmpty, $0.isDone) }
            if isDone { return false }
            if isWaiting { return true }
            // It pauses, or waits for a task that runs elsewhere.
            await Task.yield()
        }
    }

    /// Has one of its requests answered, and runs it to the next.
    func step(_ cluster: MemoryCluster) {
        let next = state.withLock { state in
            state.steps += 1
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
        guard let next else { return }
        if next.request.verb == .delete, !mayDelete {
            next.continuation.resume(returning: APIResponse(status: 403))
        } else {
            next.continuation.resume(returning: cluster.answer(next.request))
        }
        executor.runWhatIsReady()
    }

    /// Lets it make no further request.
    func kill() {
        let waiting = state.withLock { state in
            state.isDead = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for next in waiting { next.continuation.resume(throwing: Death()) }
        executor.runWhatIsReady()
    }

    private struct Gate: Transport {
        let process: SteppedProcess

        func send(_ request: APIRequest) async throws -> APIResponse {
            try await withCheckedThrowingContinuation { continuation in
                let isDead = process.state.withLock { state in
                    if !state.isDead { state.waiting.append((request, continuation)) }
                    return state.isDead
                }
                if isDead { continuation.resume(throwing: Death()) }
            }
        }
    }

    /// Runs the tasks of one process one after the other, when it is told to.
    private final class Executor: TaskExecutor {
        private let jobs = Mutex<[UnownedJob]>([])

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            jobs.withLock { $0.append(job) }
        }

        func runWhatIsReady() {
            while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
        }
    }
}

/// In which order processes make their requests.
struct Schedule: Sendable, CustomStringConvertible {
    /// Process `index` makes so many requests, then the next entry's. What is left after the last entry runs one process
    /// after the other.
    var turns: [(index: Int, requests: Int)]
    /// One that dies when it has made so many.
    var death: (index: Int, after: Int)?

    var description: String {
        "turns \(turns.map { "\($0.index)×\($0.requests == .max ? "all" : "\($0.requests)")" }.joined(separator: ", "))"
            + (death.map { ", \($0.index) dies after \($0.after)" } ?? "")
    }

    /// - Returns: whether every turn was taken to its end; false where processes ended before.
    func run(_ processes: [SteppedProcess], on cluster: MemoryCluster) async -> Bool {
        var isWhole = true
        for turn in turns + processes.indices.map({ (index: $0, requests: Int.max) }) {
            let process = processes[turn.index]
            var left = turn.requests
            while left > 0, await process.isWaiting() {
                if let death, death.index == turn.index, process.steps >= death.after {
                    process.kill()
                    continue
                }
                process.step(cluster)
                left -= 1
            }
            if left > 0, turn.requests != .max { isWhole = false }
        }
        return isWhole
    }
}
