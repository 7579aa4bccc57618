import CLibrary
import KubernetesAPI
import LocalFiles
import NIOCore
import Synchronization
import TestScopes
import Testing

/// That the faults which other tests count on happen, and happen where they were ordered.
@Suite struct FaultProxyTests {
    /// Answers everything with the same, and counts.
    private final class Cluster: Transport {
        private let requests = Mutex<[APIRequest]>([])
        var count: Int { requests.withLock { $0.count } }
        var last: APIRequest? { requests.withLock { $0.last } }

        func send(_ request: APIRequest) async throws -> APIResponse {
            requests.withLock { $0.append(request) }
            return APIResponse(status: 200, body: APIResponseBody(Array(Self.text.utf8)))
        }

        static let text = String(repeating: "x", count: 100_000)
    }

    private struct Place: Sendable {
        let cluster: Cluster
        let proxy: FaultProxy
        /// Asks through the proxy, each request once.
        let client: KubernetesClient

        func ask(_ path: String = "/", _ verb: HTTPVerb = .post) async throws -> (status: Int, length: Int) {
            let response = try await client.send(APIRequest(verb, path, body: verb == .get ? nil : Array("{}".utf8)))
            return (response.status, try await response.collect(upTo: 1 << 20).count)
        }
    }

    private static func with(
        _ configuration: FaultProxy.Configuration = .init(), kubeconfig: ((Int) -> String)? = nil,
        _ body: (Place) async throws -> Void
    ) async throws {
        let cluster = Cluster()
        let upstream = KubernetesClient(
            connection: try ClusterConnection(server: "http://127.0.0.1:1", description: "none"), transport: cluster)
        try await FaultProxy.with(upstream, configuration) { proxy, port in
            try await withTemporaryFolder { folder in
                let text = kubeconfig.map { $0(port) } ?? FaultProxy.kubeconfig(port: port)
                try write(["kubeconfig": text], below: folder)
                let connection = try Kubeconfig.load(paths: ["\(folder)/kubeconfig"])
                    .connection(context: nil, environment: [:])
                try await withKubernetesClient(connection, logger: silentLogger, retry: .never) { client in
                    try await body(Place(cluster: cluster, proxy: proxy, client: client))
                }
            }
        }
    }

    @Test(arguments: [
        (Fault.droppedBefore, 0), (.droppedAfter, 1), (.resetBefore, 0), (.resetAfter, 1), (.truncated, 1),
    ])
    func losesTheConnectionOfOneRequest(fault: Fault, seen: Int) async throws {
        try await Self.with { place in
            place.proxy.plan(fault, at: 1)
            let before = try await place.ask()
            #expect(before == (200, Cluster.text.count))
            await #expect(throws: (any Error).self) { try await place.ask() }
            #expect(place.cluster.count == 1 + seen)
            let after = try await place.ask()
            #expect(after == (200, Cluster.text.count))
            #expect(place.proxy.count == 3)
        }
    }

    @Test func answersWithoutTheCluster() async throws {
        try await Self.with { place in
            for (number, fault) in Fault.answers.enumerated() {
                place.proxy.plan(fault, at: 0)
                let (status, _) = try await place.ask()
                #expect(status == [401, 403, 409, 410, 413, 429, 500, 503, 504][number])
            }
            #expect(place.cluster.count == 0)
            place.proxy.heal()
            let healed = try await place.ask()
            #expect(healed.status == 200)
        }
    }

    @Test func expiresOnlyWhatGoesOnWithAList() async throws {
        try await Self.with { place in
            place.proxy.plan(FaultSchedule(seed: 1, rate: 1, faults: [.expiredContinue]))
            let first = try await place.ask("/api/v1/secrets?limit=1", .get)
            let rest = try await place.ask("/api/v1/secrets?limit=1&continue=abc", .get)
            #expect(first.status == 200)
            #expect(rest.status == 410)
            #expect(place.cluster.count == 1)
        }
    }

    @Test func delaysAndDoesThingsBeside() async throws {
        try await Self.with { place in
            let happened = Mutex(0)
            place.proxy.plan(FaultSchedule(.beside { happened.withLock { $0 += 1 } }, at: 0))
            let beside = try await place.ask()
            #expect(beside.status == 200)
            #expect(happened.withLock { $0 } == 1)
            place.proxy.plan(.delayed(.milliseconds(20)), at: 0)
            let start = ContinuousClock.now
            let delayed = try await place.ask()
            #expect(delayed.status == 200)
            #expect(ContinuousClock.now - start >= .milliseconds(20))
        }
    }

    @Test func letsARequestArriveLate() async throws {
        try await Self.with { place in
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            place.proxy.plan(.late { for await _ in released { break } }, at: 0)
            await #expect(throws: (any Error).self) { try await place.ask("/late") }
            let next = try await place.ask("/next")
            #expect(next.status == 200)
            #expect(place.cluster.last?.path == "/next")
            release.yield()
            while place.cluster.count < 2 { await Task.yield() }
            #expect(place.cluster.last?.path == "/late")
        }
    }

    @Test func rewritesAndObserves() async throws {
        let seen = Mutex<[String]>([])
        var configuration = FaultProxy.Configuration()
        configuration.rewrite = { request in
            var request = request
            request.body = Array("another".utf8)
            return request
        }
        configuration.observe = { exchange in
            seen.withLock { $0.append("\(exchange.request.path) \(exchange.status) \(exchange.body.count)") }
        }
        try await Self.with(configuration) { place in
            place.proxy.plan(.droppedAfter, at: 0)
            await #expect(throws: (any Error).self) { try await place.ask("/of/a/client/that/hears/nothing") }
            #expect(place.cluster.last?.body == Array("another".utf8))
        }
        #expect(seen.withLock { $0 } == ["/of/a/client/that/hears/nothing 200 100000"])
    }

    @Test func rotatesTheCertificateAndTheToken() async throws {
        try await withTemporaryFolder { folder in
            let access = try ProxyAccess(tokenFile: "\(folder)/token")
            var configuration = FaultProxy.Configuration()
            configuration.access = access
            try await Self.with(configuration, kubeconfig: { access.kubeconfig(port: $0) }) { place in
                for round in 1...3 {
                    // The client reads its token again where the one it has is refused.
                    let answer = try await place.ask()
                    #expect(answer.status == 200)
                    try access.rotateToken()
                    access.rotateCertificate()
                    // Whoever is connected stays so; the next connection sees the other certificate.
                    place.proxy.plan(.droppedBefore, at: 0)
                    await #expect(throws: (any Error).self) { try await place.ask() }
                    #expect(place.cluster.count == round)
                }
            }
            try await Self.with(configuration, kubeconfig: { access.kubeconfig(port: $0, isLasting: true) }) { place in
                try access.rotateToken()
                let answer = try await place.ask()
                #expect(answer.status == 200)
            }
        }
    }

    @Test func killsTheProcessThatARequestComesFrom() async throws {
        try await Self.with { place in
            let victim = Victim()
            place.proxy.plan(.before { await victim.kill() }, at: 0)
            let sleep = Program("/bin/sleep", environment: [:])
            let result = try await sleep.whileRunning(["600"]) { process in
                victim.is(process)
                await #expect(throws: (any Error).self) { try await place.ask() }
            }
            #expect(result.status == 128 + SIGKILL)
        }
    }

    @Test func theSeedAloneDeterminesTheSchedule() {
        let positions = 0..<2_000
        func names(_ schedule: FaultSchedule) -> [String] {
            positions.map { schedule.fault(at: $0).map { "\($0)" } ?? "" }
        }
        let (one, other) = (FaultSchedule(seed: 7, rate: 0.25), FaultSchedule(seed: 8, rate: 0.25))
        #expect(names(one) == names(FaultSchedule(seed: 7, rate: 0.25)))
        #expect(names(one) != names(other))
        let count = names(one).count { !$0.isEmpty }
        #expect(400..<600 ~= count)
        #expect(Set(names(one)) == Set(Fault.all.map { "\($0)" } + [""]))
        #expect(Set(names(.none)) == [""])
        #expect(names(one.with(.resetAfter, at: 5))[5] == "reset after")
        #expect(names(one.with(.resetAfter, at: 5)).dropFirst(6) == names(one).dropFirst(6))
    }
}
