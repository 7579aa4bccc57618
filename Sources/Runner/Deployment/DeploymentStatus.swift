internal import KubernetesAPI
public import OrderedJSON
public import StateStorage

/// What is known of a deployment at one moment.
public struct DeploymentStatus: Sendable {
    /// Which deployment it is.
    public let deployment: DeploymentID
    /// Whose environment it changes; nil where that is not known any more.
    public let environment: EnvironmentID?
    /// What it was asked to do, such as `plan_only`; nil where that is not known any more.
    public let mode: String?
    /// As Kubernetes writes it; nil where that is not known any more.
    public let created: String?
    /// Who asked for it; nil where that is not known any more.
    public let submitter: String?
    /// How far it is.
    public var phase: DeploymentPhase
    /// What the run wrote down itself; nil where it did not, or may not be read.
    public var result: JSON?
    /// The Job's Pod.
    let pod: JSON?

    /// One word.
    public var word: String {
        switch phase {
        case .waiting: "waiting"
        case .running: "running"
        case .ended(let end): end.status.rawValue
        }
    }

    /// How it ended; nil for as long as it did not.
    public var end: DeploymentEnd? { if case .ended(let end) = phase { end } else { nil } }
}

extension Deployments {
    /// Looks at one deployment.
    ///
    /// - Throws: ``DeploymentError/Code/unknown``; `KubernetesError`.
    public func status(of deployment: DeploymentID) async throws -> DeploymentStatus {
        do {
            var status = try await current(deployment)
            if status.end != nil { status.result = try await readableResult(of: deployment) }
            return status
        } catch let error as DeploymentError where error.code == .unknown {
            guard let result = try await readableResult(of: deployment) else { throw error }
            return DeploymentStatus(deployment, result: result)
        }
    }

    /// What the cluster knows of it; events are asked for only where something is not as it should be.
    func current(_ deployment: DeploymentID) async throws -> DeploymentStatus {
        let dated: DatedObject
        do {
            dated = try await client.getDated(.job, namespace: namespace, name: "\(deployment)")
        } catch let error as KubernetesError where error.code == .notFound {
            _ = try await job(deployment)
            throw error
        }
        let pods = try await client.list(
            .pod, namespace: namespace, labelSelector: DeploymentLabels.podSelector(deployment)
        ).all()
        let pod = Self.newest(of: pods)
        let now = dated.time ?? dated.object.creationTime ?? 0
        var diagnosis = DeploymentDiagnosis(job: dated.object, pod: pod, events: [], now: now)
        if diagnosis.needsEvents {
            let events = try await events(about: [deployment.description] + pods.compactMap(\.objectName))
            diagnosis = DeploymentDiagnosis(job: dated.object, pod: pod, events: events, now: now)
        }
        return DeploymentStatus(deployment, job: dated.object, pod: pod, phase: diagnosis.phase)
    }

    private static func newest(of pods: [JSON]) -> JSON? {
        pods.max { ($0.creationTime ?? 0) < ($1.creationTime ?? 0) }
    }

    /// The last one last. Whoever may not list them knows less, and is told what it is all the same.
    private func events(about names: [String]) async throws -> [JSON] {
        do {
            return try await client.list(.event, namespace: namespace, limit: 500).all()
                .filter { names.contains($0["involvedObject"]?["name"]?.string ?? "") }
                .sorted { Self.time(of: $0) < Self.time(of: $1) }
        } catch let error as KubernetesError where error.code == .forbidden || error.code == .expired {
            return []
        }
    }

    private static func time(of event: JSON) -> String {
        event["lastTimestamp"]?.string ?? event["eventTime"]?.string ?? event["metadata"]?["creationTimestamp"]?.string
            ?? ""
    }

    /// nil where there is none, or it may not be read.
    private func readableResult(of deployment: DeploymentID) async throws -> JSON? {
        do {
            return try await store?.result(of: "\(deployment)")
        } catch let error as KubernetesError where error.code == .forbidden {
            return nil
        }
    }

    /// All deployments that are known, the newest first: those that have a Job, and those whose results are kept.
    ///
    /// - Throws: `KubernetesError`.
    public func all() async throws -> [DeploymentStatus] {
        let jobs = try await client.list(
            .job, namespace: namespace, labelSelector: DeploymentLabels.jobSelector, limit: 500
        ).all()
        // One list for all of them.
        let pods = try await client.list(
            .pod, namespace: namespace, labelSelector: "job-name", limit: 500
        ).all()
        var statuses = jobs.compactMap { job -> DeploymentStatus? in
            guard let deployment = DeploymentID(job.objectName ?? "") else { return nil }
            let pod = Self.newest(of: pods.filter { $0.objectLabels["job-name"] == job.objectName })
            let diagnosis = DeploymentDiagnosis(job: job, pod: pod, events: [], now: 0)
            return DeploymentStatus(deployment, job: job, pod: pod, phase: diagnosis.phase)
        }
        let records: [DeploymentRecord]
        do {
            records = try await store?.results() ?? []
        } catch let error as KubernetesError where error.code == .forbidden {
            records = []
        }
        for record in records {
            if let index = statuses.firstIndex(where: { $0.deployment.description == record.deployment }) {
                statuses[index].result = record.summary
            } else if let deployment = DeploymentID(record.deployment) {
                statuses.append(DeploymentStatus(deployment, result: record.summary))
            }
        }
        return statuses.sorted { ($0.created ?? "") > ($1.created ?? "") }
    }
}

extension DeploymentStatus {
    init(_ deployment: DeploymentID, job: JSON, pod: JSON?, phase: DeploymentPhase) {
        let containers = job["spec"]?["template"]?["spec"]?["containers"]?.array ?? []
        let main = containers.first { $0["name"]?.string == PodTemplateCheck.mainContainer }
        self.deployment = deployment
        environment = try? EnvironmentID(job.objectLabels[DeploymentLabels.environment] ?? "")
        mode = main?["env"]?.array?.first { $0["name"] == "MODE" }?["value"]?.string
        created = job["metadata"]?["creationTimestamp"]?.string
        submitter = job.objectAnnotations[DeploymentLabels.submitter]
        self.phase = phase
        self.pod = pod
    }

    /// Of a deployment whose Job is gone.
    init(_ deployment: DeploymentID, result: JSON) {
        self.deployment = deployment
        environment = try? EnvironmentID(result["environment"]?.string ?? "")
        mode = result["mode"]?.string
        created = result["startedAt"]?.string
        submitter = nil
        let isSuccess = result["status"]?.string == "success"
        phase = .ended(
            DeploymentEnd(
                status: isSuccess ? .succeeded : .failed, cause: result["error"]?["message"]?.string,
                exitCode: result["exitStatus"]?.int, wasCutOff: false))
        self.result = result
        pod = nil
    }
}

extension DeploymentDiagnosis {
    /// Whether events could tell more than what is known without.
    var needsEvents: Bool {
        switch phase {
        case .running: false
        case .waiting: pod == nil || now - (pod?.creationTime ?? now) > 2
        case .ended(let end): end.status == .failed && end.cause != nil
        }
    }
}
