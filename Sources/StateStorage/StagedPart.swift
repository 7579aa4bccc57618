internal import KubernetesAPI
internal import OrderedJSON

/// A part of a state that is being written, in a Secret of our own.
///
/// Such Secrets are used again, because the Role cannot delete them. One may be taken once the write that it was staged for
/// can never be committed any more: a commit compares part 0 with the version that the write was based on, so that is when
/// part 0 is of another version and does not name the write.
struct StagedPart: Sendable {
    static let dataKey = "part"

    /// The identifier in the Secret's name.
    let identifier: String
    /// The Secret's metadata, to be replaced.
    let metadata: JSON
    let base: String

    init?(metadata object: JSON, _ names: StateNames) {
        let prefix = names.staged("")
        guard let name = object.objectName, name.hasPrefix(prefix) else { return nil }
        identifier = String(name.dropFirst(prefix.count))
        metadata = object["metadata"] ?? .null
        base = object.objectAnnotations[OwnSecrets.stagedAnnotation] ?? ""
    }

    /// Whether it can be taken by a write that is based on this version of part 0.
    ///
    /// - Parameter current: the version of part 0 that was read, with no write pending; empty where there is none.
    func isFree(current: String) -> Bool { base != current }

    /// A Secret that stages a payload, or, with none, holds nothing any more.
    static func secret(
        _ identifier: String, base: String, payload: [UInt8]?, metadata: JSON? = nil, _ names: StateNames,
        namespace: String
    ) -> SecretValue {
        var secret: JSON = ["apiVersion": "v1", "kind": "Secret"]
        secret["metadata"] = metadata ?? ["name": .string(names.staged(identifier)), "namespace": .string(namespace)]
        for (key, value) in OwnSecrets.labels(.staged, names.environment) { secret.setLabel(key, value) }
        secret.setAnnotation(OwnSecrets.stagedAnnotation, base)
        secret.setAnnotation(OwnSecrets.movedAnnotation, nil)
        secret["type"] = "Opaque"
        return SecretValue(secret, key: dataKey, bytes: payload)
    }
}

extension StateStore {
    /// Stages every payload, in parallel.
    ///
    /// - Returns: the staged Secrets, in the order of the payloads.
    func stage(_ payloads: [[UInt8]], base: String, _ names: StateNames) async throws -> [JSON] {
        let listed = try await secretMetadata(OwnSecrets.labels(.staged, names.environment))
        // Read after the list: a write that was staged by then, on another version than this, is of the past.
        guard try await partZeroMetadata(names)?.resourceVersion ?? "" == base else {
            throw failure(
                .changed, names.environment, "somebody else changed the state at the same time; nothing was written")
        }
        let free = listed.compactMap { StagedPart(metadata: $0, names) }.filter { $0.isFree(current: base) }
        return try await inParallel(
            Array(payloads.enumerated()), width: configuration.parallelParts
        ) { index, payload in
            if index < free.count {
                let secret = StagedPart.secret(
                    free[index].identifier, base: base, payload: payload, metadata: free[index].metadata, names,
                    namespace: namespace)
                do {
                    return try await settleSecret(secret)
                } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
                    // Another write took it.
                }
            }
            return try await settleSecret(
                StagedPart.secret(
                    OwnSecrets.freshIdentifier(), base: base, payload: payload, names, namespace: namespace))
        }
    }

    /// Empties what was staged for a write that is done. That it may fail does not matter: the next write takes them.
    func release(_ staged: [JSON], _ names: StateNames) async throws {
        _ = try await inParallel(staged, width: configuration.parallelRequests) { secret in
            var secret = secret
            secret["data"] = [:]
            do {
                _ = try await client.update(.secret, namespace: namespace, secret)
            } catch is KubernetesError {}
        }
    }
}
