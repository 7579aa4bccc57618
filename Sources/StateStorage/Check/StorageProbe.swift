internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// What a probe did, step by step.
public struct ProbeResult: Sendable {
    /// One thing that was tried.
    public struct Step: Sendable {
        /// What was tried, such as `create a Secret`.
        public let name: String
        /// How long it took.
        public let duration: Duration
        /// nil where it worked.
        public let failure: String?
    }

    /// What was tried, in order; the last one may be the one that failed.
    public var steps: [Step] = []
    /// What is left behind, and why.
    public var leftovers: [String] = []
    /// The first failure; nil where all worked.
    public var error: (any Error)?
}

/// Writes, reads, locks and unlocks an environment of its own, for real.
struct StorageProbe {
    /// As the account whose rights are in question; nil where it can only be asked about.
    let client: KubernetesClient?
    let namespace: String
    let configuration: StateStoreConfiguration

    /// Always the same, so that what cannot be removed is there once.
    private static let environmentName = "57074a9e-5e7a-4b1e-8c0d-c0ffee57074e"

    private static let state = """
        {
          "version": 4,
          "terraform_version": "1.0.0",
          "serial": 1,
          "lineage": "57074a9e-0000-4000-8000-000000000001",
          "outputs": {},
          "resources": []
        }

        """

    func run() async -> ProbeResult {
        var result = ProbeResult()
        do {
            guard let client else { throw ProbeError() }
            let names = StateNames(try EnvironmentID(Self.environmentName))
            let store = StateStore(client: client, namespace: namespace, configuration: configuration)
            try await probe(store, names, &result)
        } catch {
            result.error = error
        }
        return result
    }

    private func probe(_ store: StateStore, _ names: StateNames, _ result: inout ProbeResult) async throws {
        let info = store.lockInfo(operation: "stowage check --probe")
        let payload = Gzip.compress(Array(Self.state.utf8))
        try await step("lock", &result) { try await store.lock(names.environment, info) }
        do {
            try await step("write", &result) { try await write(payload, store, names) }
            try await step("list", &result) {
                let found = try await store.secretMetadata(names.labels).compactMap(\.objectName)
                guard found.contains(names.secret) else {
                    throw ProbeError(found: "the list does not have what was written")
                }
            }
            try await step("read", &result) {
                guard try await store.part(names.secret)?.payload == payload else {
                    throw ProbeError(found: "what was read is not what was written")
                }
            }
            try await step("overwrite", &result) {
                guard let part = try await store.part(names.secret) else { return }
                _ = try await store.settleSecret(part.secret.holding(payload, names))
            }
        } catch {
            // The first failure counts; what can be tidied up is.
            try? await tidyUp(store, names, info.id, &result)
            throw error
        }
        try await tidyUp(store, names, info.id, &result)
    }

    /// Unlocks and removes, in a task of its own that is waited for: after an interruption none could be sent any more.
    private func tidyUp(
        _ store: StateStore, _ names: StateNames, _ lockID: String, _ result: inout ProbeResult
    ) async throws {
        let task = Task {
            var part = ProbeResult()
            do {
                try await step("unlock", &part) { try await store.unlock(names.environment, id: lockID) }
            } catch {
                part.error = error
            }
            await remove(store, names, &part)
            return part
        }
        let part = await task.value
        result.steps += part.steps
        result.leftovers += part.leftovers
        if let error = part.error { throw error }
    }

    private func step(_ name: String, _ result: inout ProbeResult, _ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        do {
            try await body()
            result.steps.append(ProbeResult.Step(name: name, duration: ContinuousClock.now - start, failure: nil))
        } catch {
            let cause = (error as? KubernetesError)?.cause ?? "\(error)"
            result.steps.append(ProbeResult.Step(name: name, duration: ContinuousClock.now - start, failure: cause))
            throw error
        }
    }

    /// Creates the Secret, or, where one is left from a probe before, finds out that it could have been, and takes that.
    private func write(_ payload: [UInt8], _ store: StateStore, _ names: StateNames) async throws {
        let wanted = StatePart.new(names, index: 0, namespace: namespace, payload: payload)
        do {
            _ = try await store.client.create(wanted, namespace: namespace)
        } catch let error as KubernetesError where error.code == .alreadyExists {
            guard let left = try await store.part(names.secret) else { throw error }
            _ = try await store.settleSecret(left.secret.holding(payload, names))
        }
    }

    // MARK: - Removing

    private func remove(_ store: StateStore, _ names: StateNames, _ result: inout ProbeResult) async {
        let start = ContinuousClock.now
        for (kind, name) in [(ResourceKind.secret, names.secret), (.lease, names.lease)] {
            do {
                try await store.client.delete(kind, namespace: namespace, name: name)
            } catch let error as KubernetesError where error.code == .notFound {
                // It was never made.
            } catch let error as KubernetesError where error.code == .forbidden {
                if kind == .secret { await empty(store, names) }
                let state = kind == .secret ? "emptied, and no engine's any more" : "held by nobody"
                result.leftovers.append(
                    "\(kind.kind) \(name) stays, \(state): the account may not delete \(kind.resource)")
            } catch {
                result.leftovers.append("\(kind.kind) \(name) may be there still: \(error)")
            }
        }
        result.steps.append(
            ProbeResult.Step(name: "remove", duration: ContinuousClock.now - start, failure: nil))
    }

    /// Takes the Secret out of the engines' sight.
    private func empty(_ store: StateStore, _ names: StateNames) async {
        guard var secret = try? await store.secret(names.secret) else { return }
        for key in names.labels.keys { secret.setLabel(key, nil) }
        for (key, value) in OwnSecrets.labels(.retired, names.environment) { secret.setLabel(key, value) }
        secret["data"] = [:]
        _ = try? await store.settleSecret(secret)
    }
}

/// A probe that could not be made, or found something wrong.
public struct ProbeError: Error, Sendable, CustomStringConvertible {
    let found: String?

    init(found: String? = nil) { self.found = found }

    public var description: String {
        found
            ?? "a probe works as the account, which these credentials may ask about but neither are nor may impersonate"
    }
}
