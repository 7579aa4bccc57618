internal import KubernetesAPI
public import OrderedJSON

extension StateNames {
    /// A slot for what became of one of the environment's last deployments.
    func result(slot: Int) -> String { "stowage-result-\(environment)-\(slot)" }
}

/// What became of a deployment, kept beside the state of its environment.
public struct DeploymentRecord: Sendable, Hashable {
    /// The deployment's UUID.
    public let deployment: String
    /// Whose deployment it was.
    public let environment: EnvironmentID
    /// What a list shows of it; nothing that is secret.
    public let summary: JSON
}

extension StateStore {
    /// The results of so many deployments of an environment are kept. The Role cannot delete, so that the oldest gives its
    /// Secret to the newest.
    static let resultSlots = 10
    /// The label that says which deployment a kept result is of.
    public static let deploymentLabel = "stowage-deployment"
    private static let summaryAnnotation = "stowage-result"
    private static let resultKey = "result.json"

    /// Keeps what became of a deployment. To be called again with the same deployment replaces it.
    ///
    /// - Parameters:
    ///   - content: all of it, secret or not: JSON, at most a Secret's size.
    ///   - summary: what a list shows of it: not secret, and short. Its member `endedAt` says which is the oldest.
    /// - Throws: `KubernetesError`.
    public func keepResult(
        _ content: [UInt8], summary: JSON, of deployment: String, for environment: EnvironmentID
    ) async throws {
        let names = StateNames(environment)
        for attempt in 1... {
            let slots = try await inParallel(Array(0..<Self.resultSlots), width: configuration.parallelRequests) {
                try await resultMetadata(names.result(slot: $0))
            }
            let slot =
                slots.firstIndex { $0?.objectLabels[Self.deploymentLabel] == deployment }
                ?? slots.firstIndex { $0 == nil } ?? slots.indices.min { Self.age(slots[$0]) < Self.age(slots[$1]) }
                ?? 0
            var labels = OwnSecrets.labels(.result, environment)
            labels[Self.deploymentLabel] = deployment
            var object: JSON = [
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": [
                    "name": .string(names.result(slot: slot)), "namespace": .string(namespace),
                    "labels": JSON(sorted: labels), "annotations": [Self.summaryAnnotation: .string(summary.text)],
                ],
            ]
            if let version = slots[slot]?.resourceVersion { object["metadata", "resourceVersion"] = .string(version) }
            do {
                _ = try await client.settle(
                    SecretValue(object, key: Self.resultKey, bytes: content), namespace: namespace)
                return
            } catch let error as KubernetesError where error.isConflict && attempt < 8 {
                // Another deployment took the slot.
                try await pause(attempt)
            }
        }
    }

    private func resultMetadata(_ name: String) async throws -> JSON? {
        do {
            return try await client.metadata(of: .secret, namespace: namespace, name: name)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    private static func age(_ metadata: JSON?) -> String {
        metadata.flatMap { try? JSON(parsing: $0.objectAnnotations[summaryAnnotation] ?? "") }?["endedAt"]?.string ?? ""
    }

    /// What became of the deployments that are remembered, without what is secret.
    ///
    /// - Throws: `KubernetesError`.
    public func results() async throws -> [DeploymentRecord] {
        try await secretMetadata([OwnSecrets.contentLabel: OwnSecrets.Content.result.rawValue])
            .compactMap { metadata in
                let labels = metadata.objectLabels
                guard let deployment = labels[Self.deploymentLabel],
                    let environment = try? EnvironmentID(labels[OwnSecrets.environmentLabel] ?? ""),
                    let summary = try? JSON(parsing: metadata.objectAnnotations[Self.summaryAnnotation] ?? "")
                else { return nil }
                return DeploymentRecord(deployment: deployment, environment: environment, summary: summary)
            }
    }

    /// All that is known of what became of a deployment; nil where nothing is.
    ///
    /// - Throws: `KubernetesError`.
    public func result(of deployment: String) async throws -> JSON? {
        let found = try await secretMetadata([
            OwnSecrets.contentLabel: OwnSecrets.Content.result.rawValue, Self.deploymentLabel: deployment,
        ])
        guard let name = found.first?.objectName, let secret = try await secret(name, key: Self.resultKey),
            secret.object.objectLabels[Self.deploymentLabel] == deployment
        else { return nil }
        return secret.bytes.flatMap { try? JSON(parsing: $0) }
    }
}
