import KubernetesAPI
import NIOCore
import OrderedJSON
import StateStorage
import TestScopes
import Testing

/// Many processes and one lock, half of them stock Terraform, as a ServiceAccount with exactly the documented Role. What they
/// did is read off the cluster: every version of the lock's Lease, in order.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct LockContentionTests {
    private static let environment = StockTerraformTests.environment
    private static let (stockCount, pushCount, lockCount, runCount) = (32, 24, 4, 4)

    private enum Contender: Sendable {
        case stock(ProgramResult)
        /// The ID that was printed, and how giving it back went.
        case lock(ProgramResult, unlock: ProgramResult?)
        /// A push, or a run.
        case other(ProgramResult)
    }

    private func terraform(_ cluster: RunnerCluster) async throws -> Program {
        let module = #"output "x" { value = 1 }"#
        try write(
            [
                "module/main.tf": module,
                "state": """
                {"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"6f1b2c3d-0000-4000-8000-00000000000a",\
                "outputs":{},"resources":[]}
                """,
            ], below: cluster.home)
        // Before Terraform makes one, of another lineage.
        let push = try await cluster.stowage.run(push(cluster))
        #expect(push.status == 0, "\(push)")
        let terraform = try cluster.stockTerraform(for: Self.environment, module: module)
        try await terraform.initialise()
        return terraform
    }

    @Test func amongSixtyFourProcessesOneHoldsTheLock() async throws {
        try await RunnerCluster.with { cluster in
            let terraform = try await terraform(cluster)
            let (holders, contenders) = try await cluster.asAdministrator { client in
                let watch = try await LeaseWatch(client, StateNames(try EnvironmentID(Self.environment)).lease)
                async let holders = watch.holders()
                let contenders = try await contend(cluster, terraform)
                try await watch.finish()
                return (try await holders, contenders)
            }
            check(holders, contenders)
        }
    }

    /// Of the state that is there, so that the lock is held only to see that nothing is to be done.
    private func push(_ cluster: RunnerCluster) -> [String] {
        [
            "state", "push", Self.environment, "\(cluster.home)/state", "--lock-timeout", "4m", "--kubeconfig",
            cluster.runnerKubeconfig,
        ]
    }

    private func contend(_ cluster: RunnerCluster, _ terraform: Program) async throws -> [Contender] {
        let push = push(cluster)
        @Sendable func stowage(_ arguments: String...) async throws -> ProgramResult {
            try await cluster.stowage.run(arguments + ["--kubeconfig", cluster.runnerKubeconfig])
        }
        return try await withThrowingTaskGroup(of: Contender.self) { group in
            for _ in 0..<Self.stockCount {
                group.addTask { .stock(try await terraform("plan", "-input=false", "-no-color", "-lock-timeout=60s")) }
            }
            for _ in 0..<Self.pushCount { group.addTask { .other(try await cluster.stowage.run(push)) } }
            for _ in 0..<Self.lockCount {
                group.addTask {
                    let lock = try await stowage("state", "lock", Self.environment, "--lock-timeout", "4m")
                    guard lock.status == 0 else { return .lock(lock, unlock: nil) }
                    return .lock(
                        lock,
                        unlock: try await stowage("state", "unlock", Self.environment, String(lock.output.dropLast())))
                }
            }
            for _ in 0..<Self.runCount {
                group.addTask {
                    .other(
                        try await stowage(
                            "run", "plan", "--environment", Self.environment, "--lock-timeout", "4m",
                            "\(cluster.home)/module"))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func check(_ versions: [String?], _ contenders: [Contender]) {
        // Who held it, each as often as it began to.
        var takings: [String] = []
        var holder: String?
        for version in versions where version != holder {
            #expect(holder == nil || version == nil, "the lock went from \(holder ?? "") straight to \(version ?? "")")
            if let version { takings.append(version) }
            holder = version
        }
        #expect(holder == nil)
        #expect(Set(takings).count == takings.count, "a lock was held twice")

        var finished = 0
        for contender in contenders {
            switch contender {
            case .stock(let result):
                // Lines are wrapped between any two words.
                let words = result.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                let isConflict = words.contains("the object has been modified") || words.contains("already exists")
                #expect(result.status == 0 || isConflict, "\(result)")
                if result.status == 0 { finished += 1 }
            case .lock(let lock, let unlock):
                #expect(lock.status == 0, "\(lock)")
                #expect(takings.contains(String(lock.output.dropLast())))
                #expect(unlock?.status == 0, "\(unlock.map { "\($0)" } ?? "")")
                finished += 1
            case .other(let result):
                #expect(result.status == 0, "\(result)")
                finished += 1
            }
        }
        #expect(takings.count >= finished)
        #expect(contenders.count == 64)
    }
}

/// Every version of a Lease from now on.
private struct LeaseWatch {
    private static let lastAnnotation = "test-is-over"

    private let client: KubernetesClient
    private let name: String
    private let response: APIResponse

    init(_ client: KubernetesClient, _ name: String) async throws {
        self.client = client
        self.name = name
        let path = ResourceKind.lease.path(namespace: RunnerCluster.namespace)
        let list = try JSON(parsing: try await client.send(APIRequest(.get, path)).collect(upTo: 1 << 20))
        let version = try #require(list["metadata"]?["resourceVersion"]?.string)
        response = try await client.send(
            APIRequest(.get, "\(path)?watch=true&fieldSelector=metadata.name%3D\(name)&resourceVersion=\(version)"))
        try #require(response.status == 200)
    }

    /// The holder in each version, up to the one that ``finish()`` makes.
    func holders() async throws -> [String?] {
        var (holders, line): ([String?], [UInt8]) = ([], [])
        for try await chunk in response.body {
            for byte in chunk.readableBytesView {
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    continue
                }
                let lease = try #require(try JSON(parsing: line)["object"])
                line = []
                if lease.objectAnnotations[Self.lastAnnotation] != nil { return holders }
                holders.append(Lease(object: lease).holderIdentity)
            }
        }
        Issue.record("the watch ended early")
        return holders
    }

    func finish() async throws {
        var lease = try await client.get(.lease, namespace: RunnerCluster.namespace, name: name)
        lease["metadata"]?["annotations"] = [Self.lastAnnotation: "yes"]
        _ = try await client.update(.lease, namespace: RunnerCluster.namespace, lease)
    }
}
