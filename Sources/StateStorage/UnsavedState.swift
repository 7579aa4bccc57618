internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// A state that the engine of a deployment produced and that could be saved nowhere else, in Secrets of its own.
///
/// It may be the only record of what was changed. So nothing takes it away but a person: it has no owner, with which it would go
/// as the deployment's other Secrets go with the Job, and it does not count among what belongs to the environment's state,
/// which is emptied when that is moved or removed. Nor is it a version of the history, whose oldest ones give way to newer ones.
public struct UnsavedState: Sendable, Hashable {
    /// The deployment's UUID.
    public let deployment: String
    /// Whose state it is.
    public let environment: EnvironmentID
    /// nil where what the engine left is no state file.
    public let serial: UInt64?
    /// nil where what the engine left is no state file.
    public let lineage: String?
    /// In bytes.
    public let size: Int
    /// Of its bytes.
    public let sha256: String
    /// When it was kept, as RFC 3339 writes it.
    public let time: String
    /// Why it could not be saved.
    public let reason: String
    /// How many Secrets hold it.
    let partCount: Int

    /// The Secrets that hold it, in order.
    public var secrets: [String] {
        (0..<partCount).map { "stowage-unsaved-\(deployment)-\(sha256.prefix(12))-\($0)" }
    }

    static let annotation = "stowage-unsaved"
    static let dataKey = "state"

    static func selector(_ deployment: String) -> [String: String] {
        [
            OwnSecrets.contentLabel: OwnSecrets.Content.unsaved.rawValue, StateStore.deploymentLabel: deployment,
            "app.kubernetes.io/managed-by": "stowage",
        ]
    }

    init(_ bytes: [UInt8], of deployment: String, _ environment: EnvironmentID, reason: String, partCount: Int) {
        let file = try? StateFile(bytes)
        self.deployment = deployment
        self.environment = environment
        (serial, lineage) = (file?.serial, file?.lineage)
        size = bytes.count
        sha256 = StateStorage.sha256(bytes)
        time = Timestamp.now()
        self.reason = String(reason.prefix(600))
        self.partCount = partCount
    }

    /// - Parameter secret: the metadata of one of its Secrets; nil for any but the first, which says what it is.
    init?(_ secret: JSON) {
        guard let deployment = secret.objectLabels[StateStore.deploymentLabel],
            let json = secret.objectAnnotations[Self.annotation].flatMap({ try? JSON(parsing: $0) }),
            let environment = json["environment"]?.string.flatMap({ try? EnvironmentID($0) }),
            let size = json["size"]?.int, size >= 0, let digest = json["sha256"]?.string,
            let count = json["parts"]?.int, 1...1024 ~= count
        else { return nil }
        self.deployment = deployment
        self.environment = environment
        serial = json["serial"]?.string.flatMap { UInt64($0) }
        lineage = json["lineage"]?.string
        self.size = size
        sha256 = digest
        time = json["time"]?.string ?? ""
        reason = json["reason"]?.string ?? ""
        partCount = count
    }

    fileprivate var note: String {
        var json: JSON = [
            "environment": .string("\(environment)"), "size": .number(JSONNumber(size)), "sha256": .string(sha256),
            "time": .string(time), "reason": .string(reason), "parts": .number(JSONNumber(partCount)),
        ]
        if let serial, let lineage { (json["serial"], json["lineage"]) = (.string("\(serial)"), .string(lineage)) }
        return json.text
    }
}

extension StateStore {
    /// Keeps what an engine left, state or not, byte for byte. The same again is kept once.
    ///
    /// Needs `secrets`: create alone, so that a Role that is limited to names is enough.
    ///
    /// - Throws: `KubernetesError`.
    public func keepUnsaved(
        _ bytes: [UInt8], of deployment: String, for environment: EnvironmentID, reason: String
    ) async throws -> UnsavedState {
        let payloads = StatePart.cut(Gzip.compress(bytes), limit: configuration.partLimit)
        let state = UnsavedState(bytes, of: deployment, environment, reason: reason, partCount: payloads.count)
        let parts = Array(zip(state.secrets, payloads).enumerated())
        // The one that says what it is comes when all of it is there.
        _ = try await inParallel(Array(parts.dropFirst()), width: configuration.parallelParts) { _, part in
            try await createUnsaved(part.0, part.1, nil, deployment)
        }
        try await createUnsaved(parts[0].element.0, parts[0].element.1, state.note, deployment)
        return state
    }

    private func createUnsaved(_ name: String, _ payload: [UInt8], _ note: String?, _ deployment: String) async throws {
        var secret: JSON = [
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": JSON(sorted: UnsavedState.selector(deployment)),
            ],
        ]
        secret.setAnnotation(UnsavedState.annotation, note)
        do {
            try await settleSecret(SecretValue(secret, key: UnsavedState.dataKey, bytes: payload))
        } catch let error as KubernetesError where error.isConflict {
            // The name has the deployment and the checksum in it: an earlier attempt made it.
        }
    }

    /// The states of a deployment that could not be saved, the highest serial first.
    ///
    /// - Throws: `KubernetesError`.
    public func unsavedStates(of deployment: String) async throws -> [UnsavedState] {
        try await secretMetadata(UnsavedState.selector(deployment)).compactMap { UnsavedState($0) }
            .sorted { ($0.serial ?? 0, $0.time) > ($1.serial ?? 0, $1.time) }
    }

    /// What was kept, verified.
    ///
    /// - Throws: `StateStoreError` with code `damaged` or `tooLarge`; `KubernetesError`.
    public func bytes(of state: UnsavedState) async throws -> [UInt8] {
        let what = "the state that deployment \(state.deployment) could not save"
        guard state.size <= configuration.inflationLimit else { throw tooLarge(state.environment, what) }
        let payloads = try await inParallel(state.secrets, width: configuration.parallelParts) { name in
            try await client.secret(namespace: namespace, name: name, key: UnsavedState.dataKey).bytes ?? []
        }
        guard let bytes = try? Gzip.decompress(Array(payloads.joined()), limit: state.size),
            sha256(bytes) == state.sha256
        else {
            throw failure(
                .damaged, state.environment,
                "\(what) is damaged: Secret(s) \(state.secrets.joined(separator: ", ")) do not give it again")
        }
        return bytes
    }
}
