@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON
internal import TestScopes
internal import Testing

/// The real terraform does step by step what it did with a real API server: the same requests, with the same success.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct TerraformTests {
    private static let environment = "4b41bf32-b337-93a4-ad65-1d565c5e25be"
    private static let lock =
        "/apis/coordination.k8s.io/v1/namespaces/humanitec-runner/leases/lock-tfstate-default-"
        + environment
    private static let heldLock = "11111111-2222-3333-4444-555555555555"

    @Test func sendsWhatItSentToARealServer() async throws {
        let log = RecordedLog.ofRequests()
        try await withTestCluster(logger: log.logger) { cluster in
            try await cluster.prepareRunnerNamespace()
            try await withTemporaryFolder { folder in
                let terraform = try Self.module(cluster, folder)
                for (step, expected) in try Self.recordedSteps() {
                    try await Self.prepare(step, cluster, terraform)
                    _ = log.take()
                    let result = try await terraform.run(Self.arguments(step))
                    let isRefused = step == Self.planWhileLocked
                    #expect(result.status == (isRefused ? 1 : 0), "\(step.name): \(result)")
                    if isRefused { #expect(result.errors.contains(Self.heldLock), "\(result)") }
                    #expect(log.take() == expected, "\(step.name)")
                }
            }
        }
    }

    private struct Step: Hashable {
        let name: String
        /// Which of the steps of that name.
        let count: Int
    }

    private static let planWhileLocked = Step(name: "terraform plan", count: 2)

    /// What was sent for each command, in the words of our log.
    private static func recordedSteps() throws -> [(Step, [String])] {
        var steps: [(step: Step, requests: [String])] = []
        for recorded in try RecordedExchange.all(of: "terraform.jsonl") {
            if steps.last?.step.name != recorded.step {
                let count = steps.count { $0.step.name == recorded.step }
                steps.append((Step(name: recorded.step, count: count + 1), []))
            }
            let path = recorded.path.prefix { $0 != "?" }
            let isCollection = path.hasSuffix("/secrets") || path.hasSuffix("/leases")
            let verb =
                switch recorded.method {
                case "POST": "create"
                case "PUT": "update"
                case "DELETE": "delete"
                default: isCollection ? "list" : "get"
                }
            steps[steps.count - 1].requests.append("\(verb) \(path) \(recorded.status)")
        }
        return steps.map { ($0.step, $0.requests) }
    }

    private static func arguments(_ step: Step) -> [String] {
        switch step.name {
        case "grow to two parts", "shrink, delete forbidden": ["apply", "-auto-approve"]
        case "plan after shrink": ["plan"]
        case "terraform state push": ["state", "push", "pushed.tfstate"]
        case "terraform force-unlock": ["force-unlock", "-force", heldLock]
        default: step.name.split(separator: " ").dropFirst().map(String.init)
        }
    }

    private static func prepare(_ step: Step, _ cluster: TestCluster, _ terraform: Program) async throws {
        let folder = terraform.folder ?? ""
        switch step.name {
        case "terraform state push":
            var state = try JSON(parsing: try await terraform("state", "pull").output)
            state["serial"] = .number(JSONNumber((state["serial"]?.int ?? 0) + 1))
            try write(["pushed.tfstate": state.text], below: folder)
        case "grow to two parts":
            let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-".utf8)
            let text = (0..<600_000).map { _ in letters[Int.random(in: letters.indices)] }
            try write(["content.txt": String(decoding: text, as: UTF8.self)], below: folder)
        case "shrink, delete forbidden": try write(["content.txt": "small"], below: folder)
        case planWhileLocked.name where step == planWhileLocked: try await holdLock(cluster)
        default: break
        }
    }

    private static func holdLock(_ cluster: TestCluster) async throws {
        var lease = try await cluster.send("GET", lock).json
        lease["spec"] = ["holderIdentity": .string(heldLock)]
        var metadata = lease["metadata"] ?? [:]
        let info = #"{"ID":"\#(heldLock)","Operation":"OperationTypeApply","Who":"root@pod","Version":"1.11.4"}"#
        metadata["annotations"] = ["app.terraform.io/lock-info": .string(info)]
        lease["metadata"] = metadata
        #expect(try await cluster.send("PUT", lock, lease).status == 200)
    }

    private static func module(_ cluster: TestCluster, _ folder: String) throws -> Program {
        let config = kubeconfig(
            server: cluster.server, certificateAuthority: cluster.certificateAuthority, user: "admin",
            token: cluster.administratorToken, namespace: nil)
        let module =
            kubernetesBackend(environment, kubeconfig: "\(folder)/kubeconfig")
                + """
                resource "terraform_data" "content" { input = file("content.txt") }
                output "content" { value = terraform_data.content.output }
                """
        try write(["module/main.tf": module, "module/content.txt": "hello", "kubeconfig": config], below: folder)
        return try #require(Program.onPath("terraform", home: folder, folder: "\(folder)/module"))
    }
}
