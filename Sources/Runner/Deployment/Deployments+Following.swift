internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON

/// What somebody who follows a deployment is told.
public enum DeploymentEvent: Sendable {
    /// A line of its log, without its line feed.
    case line([UInt8])
    /// What it waits for, once for each reason.
    case waiting(String)
    /// The connection to the log was lost, and is made anew.
    case reconnecting(String)
}

extension Deployments {
    /// How long a cluster may not answer before following is given up.
    private static let patience = Duration.seconds(300)
    private static let longestPause = Duration.seconds(1)

    /// Waits until a deployment has ended.
    ///
    /// - Parameters:
    ///   - withLog: whether its log is read meanwhile.
    ///   - tell: called with what happens, in order.
    /// - Returns: how it ended, with its result where that may be read.
    /// - Throws: ``DeploymentError``; `KubernetesError` when the cluster does not answer for long, or denies it.
    public func follow(
        _ deployment: DeploymentID, withLog: Bool = true, _ tell: @Sendable (DeploymentEvent) async throws -> Void
    ) async throws -> DeploymentStatus {
        var (stitch, told, pause) = (LogStitch(), String?.none, Duration.milliseconds(20))
        var isLogRead = false
        while true {
            let status = try await persistently(deployment, tell)
            switch status.phase {
            case .waiting(let why):
                if let why, why != told {
                    told = why
                    try await tell(.waiting(why))
                }
            case .running where withLog:
                guard try await readLog(of: status, follows: true, &stitch, tell) else { break }
                isLogRead = true
                // That its container has ended may show a moment later than in its log.
                pause = .milliseconds(20)
            case .running: break
            case .ended(let end):
                if withLog, isLogRead || end.exitCode != nil {
                    // What came after the connection was lost.
                    _ = try await readLog(of: status, follows: false, &stitch, tell)
                    if let line = stitch.finish() { try await tell(.line(line)) }
                }
                return try await withResult(status)
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 3 / 2, Self.longestPause)
        }
    }

    /// The log as it is now.
    ///
    /// - Throws: ``DeploymentError``; `KubernetesError`.
    public func log(
        of deployment: DeploymentID, _ tell: @Sendable (DeploymentEvent) async throws -> Void
    ) async throws {
        var stitch = LogStitch()
        _ = try await readLog(of: try await current(deployment), follows: false, &stitch, tell)
        if let line = stitch.finish() { try await tell(.line(line)) }
    }

    private func withResult(_ status: DeploymentStatus) async throws -> DeploymentStatus {
        guard store != nil else { return status }
        var known = try await self.status(of: status.deployment)
        known.phase = status.phase
        return known
    }

    /// A cluster that does not answer for a while is asked again.
    private func persistently(
        _ deployment: DeploymentID, _ tell: @Sendable (DeploymentEvent) async throws -> Void
    ) async throws -> DeploymentStatus {
        var since: ContinuousClock.Instant?
        while true {
            do {
                return try await current(deployment)
            } catch let error as KubernetesError where [.unreachable, .server, .tooManyRequests].contains(error.code) {
                let start = since ?? .now
                guard ContinuousClock.now - start < Self.patience else { throw error }
                if since == nil { try await tell(.reconnecting(error.cause)) }
                since = start
                try await Task.sleep(for: Self.longestPause)
            }
        }
    }

    /// - Returns: false where there is nothing to read yet.
    private func readLog(
        of status: DeploymentStatus, follows: Bool, _ stitch: inout LogStitch,
        _ tell: @Sendable (DeploymentEvent) async throws -> Void
    ) async throws -> Bool {
        guard let pod = status.pod?.objectName else { return false }
        stitch.begin()
        var query = "container=\(PodTemplateCheck.mainContainer)&timestamps=true"
        if follows { query += "&follow=true" }
        if let since = stitch.since { query += "&sinceTime=\(since.percentEncodedTime)" }
        let path = "\(ResourceKind.pod.path(namespace: namespace, name: pod))/log?\(query)"
        do {
            let answer = try await client.send(APIRequest(.get, path, headers: [("Accept", "*/*")]))
            guard answer.status == 200 else {
                let body = try await answer.collect(upTo: 65536)
                guard answer.status == 403 else { return false }
                throw DeploymentError(
                    .missingRight,
                    "to read the log of pod \(pod) in namespace \(namespace) is denied ("
                        + "\((try? JSON(parsing: body))?["message"]?.string ?? "403")); missing is pods/log: get")
            }
            for try await chunk in answer.body {
                for line in stitch.receive(chunk.readableBytesView) { try await tell(.line(line)) }
            }
        } catch let error as KubernetesError where error.code == .unreachable {
            // A quiet log is read in many connections, which is nobody's trouble.
            if !error.cause.contains("in time") { try await tell(.reconnecting(error.cause)) }
        }
        return true
    }
}

extension String {
    /// A time, for a query: its `+` would be read as a space.
    fileprivate var percentEncodedTime: String {
        split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%2B")
    }
}
