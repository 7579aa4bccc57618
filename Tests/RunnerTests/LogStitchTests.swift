import KubernetesAPI
import LocalFiles
import OrderedJSON
import StateStorage
import Synchronization
import TestScopes
import Testing

@testable import Runner

@Suite struct LogStitchTests {
    /// Several lines a second, some of them twice at the same moment, some with the same text at another.
    private static let lines = (0..<200).map { number in
        "2026-11-25T04:00:\(number / 20 + 10).\(100_000_000 + number % 20 / 3 * 1000)Z line \(number % 5 == 0 ? 0 : number)"
    }

    private static let texts = lines.map { String($0.drop { $0 != " " }.dropFirst()) }

    /// What a kubelet sends: the lines from a time on, which is cut to seconds.
    private static func log(since: String?) -> [UInt8] {
        lines.filter { since == nil || $0.prefix(19) >= (since ?? "").prefix(19) }.flatMap { Array("\($0)\n".utf8) }
    }

    @Test(arguments: [1, 7, 60, 61, 1000, 5000])
    func everyLineComesOnceWhereverAConnectionBreaks(_ length: Int) {
        var (stitch, read, connections) = (LogStitch(), [String](), 0)
        var budget = length
        while read.count < Self.lines.count {
            stitch.begin()
            let log = Self.log(since: stitch.since)
            // Each connection brings a little more than the one before it, or a second would never be passed.
            for piece in stride(from: 0, to: min(budget, log.count), by: 13) {
                let lines = stitch.receive(log[piece..<min(piece + 13, budget, log.count)])
                read += lines.map { String(decoding: $0, as: UTF8.self) }
            }
            budget += length
            connections += 1
        }
        #expect(read == Self.texts)
        #expect(connections > 1)
    }

    @Test func whatHasNoEndComesAtTheEnd() {
        var stitch = LogStitch()
        stitch.begin()
        #expect(
            stitch.receive(Array("2026-11-25T04:00:00.1Z a\n2026-11-25T04:00:00.2+01:00 b".utf8)) == [Array("a".utf8)])
        stitch.begin()
        #expect(stitch.receive(Array("2026-11-25T04:00:00.1Z a\n2026-11-25T04:00:01.2+01:00 b\n".utf8)).count == 1)
        #expect(stitch.since == "2026-11-25T04:00:01+01:00")
        #expect(stitch.finish() == nil)
        _ = stitch.receive(Array("2026-11-25T04:00:02.2+01:00 c".utf8))
        #expect(stitch.finish() == Array("c".utf8))
    }

    /// A cluster with one deployment, whose log breaks off in the middle of each connection.
    private final class BreakingCluster: Transport {
        let requests = Mutex<[String]>([])

        func send(_ request: APIRequest) async throws -> APIResponse {
            let count = requests.withLock { requests in
                requests.append(request.path)
                return requests.count { $0.contains("/log?") }
            }
            let isOver = count >= 12
            guard !request.path.contains("/log?") else {
                let since = request.path.firstRange(of: "sinceTime=").map { String(request.path[$0.upperBound...]) }
                let log = LogStitchTests.log(since: since)
                return APIResponse(
                    status: 200, body: APIResponseBody(Array(log.prefix(isOver ? .max : 400 + 617 * count))))
            }
            let pod: JSON = [
                "metadata": ["name": "x-abcde", "creationTimestamp": "2026-11-25T04:00:00Z"],
                "spec": ["nodeName": "n"],
                "status": [
                    "phase": "Running",
                    "containerStatuses": [
                        ["name": "main", "state": isOver ? ["terminated": ["exitCode": 3]] : ["running": [:]]]
                    ],
                ],
            ]
            let answer: JSON = request.path.contains("/pods") ? ["items": [pod]] : ["metadata": ["name": "x"]]
            return APIResponse(status: 200, body: APIResponseBody(answer.bytes))
        }
    }

    @Test func aDeploymentIsFollowedOverManyConnections() async throws {
        let cluster = BreakingCluster()
        try await withTemporaryFolder { home in
            let kubeconfig = """
                {"apiVersion": "v1", "kind": "Config", "current-context": "x", "users": [{"name": "x", "user": {}}],
                 "clusters": [{"name": "x", "cluster": {"server": "https://x.test"}}],
                 "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}]}
                """
            try PrivateFile.write(kubeconfig, to: "\(home)/kubeconfig")
            let client = KubernetesClient(
                connection: try Kubeconfig.load(paths: ["\(home)/kubeconfig"]).connection(
                    context: nil, environment: [:]),
                transport: cluster)
            let read = Mutex<[String]>([])
            let status = try await Deployments(client: client, namespace: "jobs", store: nil)
                .follow(DeploymentID()) { event in
                    if case .line(let line) = event {
                        read.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                    }
                }
            #expect(read.withLock { $0 } == Self.texts)
            #expect(status.end == DeploymentEnd(status: .failed, exitCode: 3, wasCutOff: false))
            #expect(cluster.requests.withLock { $0.filter { $0.contains("follow=true") }.count } > 5)
        }
    }
}
