import AsyncHTTPClient
@testable import EmbeddedCluster
import Foundation
import KubernetesAPI
import NIOCore
import NIOHTTP1
import OrderedJSON
import ServiceLifecycle

/// A cluster that runs Jobs and Pods.
struct TestWorkloads: Sendable {
    let cluster: TestCluster

    static let pods = "/api/v1/namespaces/default/pods"
    static let jobs = "/apis/batch/v1/namespaces/default/jobs"

    var folder: ClusterFolder { ClusterFolder(ofStore: cluster.store.path) }

    /// Makes a Pod of one container, which runs the script.
    @discardableResult
    func createPod(
        _ name: String, _ script: String, policy: String = "Never", spec: JSON = [:], container: JSON = [:]
    ) async throws -> JSON {
        let body: JSON = [
            "metadata": ["name": .string(name)], "spec": Self.spec(script, policy: policy, spec, container),
        ]
        let answer = try await cluster.send("POST", Self.pods, body)
        guard answer.status == 201 else { throw Unexpected(text: answer.text) }
        return try answer.json
    }

    @discardableResult
    func createJob(
        _ name: String, _ script: String, policy: String = "Never", job: JSON = [:], spec: JSON = [:]
    ) async throws -> JSON {
        var jobSpec = job
        jobSpec["template"] = ["spec": Self.spec(script, policy: policy, spec, [:])]
        let answer = try await cluster.send("POST", Self.jobs, ["metadata": ["name": .string(name)], "spec": jobSpec])
        guard answer.status == 201 else { throw Unexpected(text: answer.text) }
        return try answer.json
    }

    private static func spec(_ script: String, policy: String, _ spec: JSON, _ container: JSON) -> JSON {
        var main = container
        main["name"] = "main"
        main["image"] = "ignored"
        if main["command"] == nil { main["command"] = ["/bin/sh", "-c", .string(script)] }
        var spec = spec
        spec["restartPolicy"] = .string(policy)
        spec["containers"] = [main]
        return spec
    }

    /// Waits until an object is as wanted; nil: until it is gone.
    @discardableResult
    func wait(_ resource: String, _ name: String, until isWanted: @Sendable (JSON) -> Bool) async throws -> JSON {
        try await wait(resource) { objects in objects.first { $0.objectName == name && isWanted($0) } }
    }

    func waitUntilGone(_ resource: String, _ name: String) async throws {
        _ = try await wait(resource) { objects in objects.contains { $0.objectName == name } ? nil : true }
    }

    func wait<T>(_ resource: String, _ choose: ([JSON]) -> T?) async throws -> T {
        let filter = EventFilter(resource: resource, namespace: "default")
        let signal = WatchSignal()
        let id = cluster.store.feed.subscribe(filter, after: 0, needsPrevious: false, signal: signal)
        defer { cluster.store.feed.unsubscribe(id, filter) }
        while true {
            let objects = try await cluster.store.objects(resource, in: "default").map { try $0.json() }
            if let chosen = choose(objects) { return chosen }
            guard await signal.wait() != .stop else { throw Unexpected(text: "the test was cancelled") }
        }
    }

    func waitForPod(_ name: String, phase: String) async throws -> JSON {
        try await wait("pods", name) { $0["status"]?["phase"]?.string == phase }
    }

    func waitForPod(ofJob name: String, _ isWanted: @Sendable (JSON) -> Bool = { _ in true }) async throws -> JSON {
        try await wait("pods") { pods in
            pods.first { $0.objectLabels["job-name"] == name && isWanted($0) }
        }
    }

    func waitForJob(_ name: String, _ condition: String) async throws -> JSON {
        try await wait("jobs.batch", name) { JobConditions.isTrue(condition, $0) }
    }

    func log(_ pod: String, _ query: String = "") async throws -> String {
        try await cluster.send("GET", "\(Self.pods)/\(pod)/log\(query)").text
    }

    /// Follows a log to its end.
    ///
    /// - Parameter changed: called with what there is so far, whenever there is more.
    func follow(_ pod: String, changed: (String) async throws -> Void) async throws -> String {
        var request = HTTPClientRequest(url: "\(cluster.server)\(Self.pods)/\(pod)/log?follow=true")
        request.headers.add(name: "Authorization", value: "Bearer \(cluster.administratorToken)")
        let response = try await cluster.client.execute(request, timeout: .minutes(5))
        var text = ""
        for try await buffer in response.body {
            text += String(buffer: buffer)
            try await changed(text)
        }
        return text
    }

    func reasons(about name: String) async throws -> [String] {
        try await cluster.store.objects("events", in: "default").map { try $0.json() }
            .filter { $0["involvedObject"]?["name"]?.string == name }.compactMap { $0["reason"]?.string }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

/// Runs a cluster and what is asked of it for the time of the body.
func withWorkloads(
    clock: ClusterClock = .system, prepare: @escaping @Sendable (TestWorkloads) async throws -> Void = { _ in },
    _ body: @escaping @Sendable (TestWorkloads) async throws -> Void
) async throws {
    try await withTestCluster(clock: clock) { cluster in
        let workloads = TestWorkloads(cluster: cluster)
        try await prepare(workloads)
        let (servers, serving) = AsyncStream.makeStream(of: String.self)
        serving.yield(cluster.server)
        let service = Workloads(
            store: cluster.store, folder: workloads.folder, logs: cluster.logs, servers: servers,
            environment: ProcessInfo.processInfo.environment, logger: quietLogger)
        let services = ServiceGroup(services: [service], logger: quietLogger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            try await body(workloads)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }
}
