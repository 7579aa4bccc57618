internal import KubernetesAPI
internal import OrderedJSON

/// By whom and why a deployment was ended before its time, as it stands on its Job.
struct DeploymentEnding: Sendable, Hashable {
    static let cancelled = "cancelled"

    let by: String
    /// ``cancelled``, or a sentence.
    let why: String

    init(by: String, why: String) {
        self.by = by
        self.why = why
    }

    init?(_ job: JSON) {
        guard let text = job.objectAnnotations[DeploymentLabels.ending], let json = try? JSON(parsing: text),
            let by = json["by"]?.string, let why = json["why"]?.string
        else { return nil }
        self.init(by: by, why: why)
    }

    var text: String { (["by": .string(by), "why": .string(why)] as JSON).text }
}

extension Deployments {
    /// Ends a deployment: its engine is interrupted, finishes what it does and unlocks, within the Pod's grace period.
    ///
    /// The Job's time is made to be over, rather than the Job deleted: its controller then ends the Pod as it does for any Job
    /// whose time is over, and Job, log and result stay to be asked for.
    ///
    /// - Parameter submitter: who ends it, as `user@host`.
    /// - Throws: ``DeploymentError``; `KubernetesError`.
    public func cancel(_ deployment: DeploymentID, by submitter: String) async throws {
        try await end(deployment, DeploymentEnding(by: submitter, why: DeploymentEnding.cancelled))
    }

    func end(_ deployment: DeploymentID, _ ending: DeploymentEnding) async throws {
        for attempt in 1... {
            var job = try await self.job(deployment)
            guard !JobOutcome(job).isFinished else {
                throw DeploymentError(.ended, "deployment \(deployment) has ended already")
            }
            // Who came first is who ended it.
            guard DeploymentEnding(job) == nil else { return }
            job.set(DeploymentLabels.ending, ending.text)
            do {
                _ = try await client.update(.job, namespace: namespace, job)
                return
            } catch let error as KubernetesError where error.code == .forbidden {
                throw DeploymentError(
                    .missingRight,
                    "to end deployment \(deployment) before its time, its Job must be changed, which is denied in namespace "
                        + "\(namespace) (\(error.cause)); missing is jobs: update. Without it, whoever may delete pods can "
                        + "do so with `kubectl delete pod -n \(namespace) -l job-name=\(deployment)`")
            } catch let error as KubernetesError where error.code == .conflict && attempt < 10 {
                // The Job's controller wrote its status.
                try await Task.sleep(for: .milliseconds(20 * attempt))
            }
        }
    }

    func job(_ deployment: DeploymentID) async throws -> JSON {
        do {
            return try await client.get(.job, namespace: namespace, name: "\(deployment)")
        } catch let error as KubernetesError where error.code == .notFound {
            throw DeploymentError(
                .unknown,
                "there is no Job \(deployment) in namespace \(namespace); Jobs go an hour after they ended, and `stowage "
                    + "deployments show` then tells what is kept beside the state")
        }
    }
}

extension JSON {
    /// Makes a Job's time be over, and says why.
    fileprivate mutating func set(_ annotation: String, _ value: String) {
        var (metadata, spec) = (self["metadata"] ?? [:], self["spec"] ?? [:])
        var annotations = metadata["annotations"] ?? [:]
        annotations[annotation] = .string(value)
        metadata["annotations"] = annotations
        spec["activeDeadlineSeconds"] = 1
        self["metadata"] = metadata
        self["spec"] = spec
    }
}
