import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct LockVerdictTests {
    private static let note = RunNote(run: "r", lockID: "l", time: nil)

    private static func lease(run: String? = "r", lock: String = "l", renewed: String?, seconds: Int? = 60) -> RunLease
    {
        var object: JSON = ["metadata": ["annotations": ["stowage-lock": .string(lock)]], "spec": [:]]
        object["spec", "holderIdentity"] = run.map(JSON.string)
        object["spec", "renewTime"] = renewed.map(JSON.string)
        object["spec", "leaseDurationSeconds"] = seconds.map { .number(JSONNumber($0)) }
        return RunLease(object)
    }

    /// 1970-01-01T01:00:00Z.
    private static let now = 3600.0

    @Test(
        arguments: [
            (lease(renewed: "1970-01-01T00:59:56.000000Z"), nil, now, "alive", "renewed its Lease 4 s ago"),
            (lease(renewed: "1970-01-01T01:00:05.000000Z"), nil, now, "alive", "renewed its Lease 0 s ago"),
            (lease(renewed: "1970-01-01T00:58:50Z"), nil, now, "alive", "70 s ago"),
            (lease(renewed: "1970-01-01T00:58:49Z"), nil, now, "orphaned", "stopped renewing its Lease 71 s ago"),
            (lease(renewed: "1970-01-01T00:48:00Z"), nil, now, "orphaned", "stopped renewing its Lease 12 min ago"),
            (lease(renewed: "1970-01-01T00:48:00Z", seconds: 900), nil, now, "alive", "12 min ago"),
            (lease(renewed: "1970-01-01T00:48:00Z", seconds: nil), nil, now, "orphaned", "12 min ago"),
            (lease(renewed: "1970-01-01T01:00:11Z"), nil, now, "unknown", "yet to come"),
            (lease(renewed: "yesterday"), nil, now, "unknown", "does not say when"),
            (lease(renewed: nil), nil, now, "unknown", "does not say when"),
            (lease(run: nil, renewed: "1970-01-01T00:59:56Z"), nil, now, "orphaned", "ended 4 s ago"),
            (lease(run: nil, renewed: nil), nil, now, "orphaned", "its run ended and did not give it back"),
            (lease(lock: "another", renewed: "1970-01-01T00:59:56Z"), now - 5, now, "alive", "took it 5 s ago"),
            (lease(lock: "another", renewed: "1970-01-01T00:59:56Z"), now - 80, now, "orphaned", "never renewed"),
            (lease(lock: "another", renewed: "1970-01-01T00:59:56Z"), nil, now, "unknown", ""),
            (nil, now - 5, now, "alive", "took it 5 s ago"), (nil, 0, now, "orphaned", "never renewed"),
            (nil, now + 60, now, "unknown", "yet to come"),
            (lease(renewed: "1970-01-01T00:48:00Z"), nil, nil, "unknown", "what time it is"),
        ] as [(RunLease?, Double?, Double?, String, String)])
    func theRunsLeaseTells(
        lease: RunLease?, taken: Double?, now: Double?, name: String, evidence: String
    ) throws {
        let verdict = LockVerdict(ofRun: Self.note, lease: lease, taken: taken, now: now)
        #expect(verdict.name == name)
        #expect(verdict.evidence.contains(evidence) || evidence.isEmpty, "\(verdict)")
        #expect(verdict.isOrphaned == (name == "orphaned"))
    }

    @Test(arguments: ["", "no json", "{}", #"{"run":"r"}"#, #"{"run":1,"lock":"l"}"#, "[]"])
    func aNoteThatIsNoneTellsNothing(text: String) { #expect(RunNote(parsing: text) == nil) }

    @Test(
        arguments: [
            ("4b41bf32-b337-93a4-ad65-1d565c5e25be-x7k2p", true), ("4b41bf32-b337-93a4-ad65-1d565c5e25be", false),
            ("4b41bf32-b337-93a4-ad65-1d565c5e25be-x7k2", false), ("4b41bf32-b337-93a4-ad65-1d565c5e25be-x7k2a", false),
            ("4B41BF32-b337-93a4-ad65-1d565c5e25be-x7k2p", false), ("janes-laptop", false),
            ("4b41bf32-b337-93a4-ad65-1d565c5e25bexx7k2p", false),
        ]) func onlyADeploymentsPodIsKnownByItsName(name: String, isPod: Bool)
    {
        #expect(StateStore.isDeploymentPod(name) == isPod)
    }
}

/// Verdicts on locks of stock engines, whose holder names itself after a Pod.
@Suite struct PodVerdictTests {
    private static let host = "4b41bf32-b337-93a4-ad65-1d565c5e25be-x7k2p"
    private static let taken = "2026-11-25T10:00:00.5Z"

    private let cluster = MemoryCluster()
    private let environment: EnvironmentID

    init() throws { environment = try freshEnvironment() }

    private func verdict(
        who: String = "root@\(host)", pod: JSON? = nil, jobNamespace: String? = "jobs"
    ) async throws -> LockVerdict {
        let store = try testStore(cluster)
        var configuration = store.configuration
        configuration.jobNamespace = jobNamespace
        let judging = StateStore(client: store.client, namespace: testNamespace, configuration: configuration)
        if let pod { cluster.put(pod, at: "/api/v1/namespaces/jobs/pods/\(Self.host)") }
        var info = store.lockInfo(operation: "OperationTypeApply")
        (info.who, info.created) = (who, Self.taken)
        try await store.lock(environment, info)
        return try #require(try await judging.judgedLock(environment)).verdict
    }

    private static func pod(_ phase: String, created: String = "2026-11-25T09:59:50Z") -> JSON {
        ["metadata": ["creationTimestamp": .string(created)], "status": ["phase": .string(phase)]]
    }

    @Test(arguments: [
        ("Running", "alive"), ("Succeeded", "orphaned"), ("Failed", "orphaned"), ("Pending", "unknown"),
        ("Unknown", "unknown"),
    ]) func aPodTellsByItsPhase(phase: String, name: String) async throws {
        #expect(try await verdict(pod: Self.pod(phase)).name == name)
    }

    @Test(arguments: ["Running", "Succeeded"]) func aPodThatCameLaterTellsNothing(phase: String) async throws {
        let verdict = try await verdict(pod: Self.pod(phase, created: "2026-11-25T10:01:00Z"))
        #expect(verdict.name == "unknown" && verdict.evidence.contains("made after"), "\(verdict)")
    }

    @Test func aDeploymentsPodThatIsNotThereIsGone() async throws {
        cluster.put([:], at: "/api/v1/namespaces/jobs")
        let verdict = try await verdict()
        #expect(verdict == .orphaned("Pod \(Self.host) of namespace jobs is gone"))
    }

    @Test func nothingIsGoneFromANamespaceThatDoesNotExist() async throws {
        let verdict = try await verdict()
        #expect(verdict.name == "unknown" && verdict.evidence.contains("does not exist"), "\(verdict)")
    }

    @Test(arguments: ["jane@laptop", "jane", "", "jane@", "jane@my laptop", "jane@../x"])
    func aMachineIsNeverAPodThatIsGone(who: String) async throws {
        cluster.put([:], at: "/api/v1/namespaces/jobs")
        #expect(try await verdict(who: who).name == "unknown")
    }

    @Test func whatIsDeniedIsUnknownAndSaysTheRight() async throws {
        cluster.forbid("/api/v1/namespaces/jobs/pods/\(Self.host)")
        let verdict = try await verdict()
        #expect(verdict.name == "unknown" && verdict.evidence.contains("to get Pods in namespace jobs"), "\(verdict)")
    }

    @Test func noPodIsLookedAtUnlessWeWereToldWhere() async throws {
        #expect(try await verdict(pod: Self.pod("Succeeded"), jobNamespace: nil).name == "unknown")
    }
}
