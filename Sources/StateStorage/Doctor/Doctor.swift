internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// Looks for states that are damaged, and for what will damage them. Changes nothing, but for ``fix(_:)``.
public struct Doctor: Sendable {
    let store: StateStore
    /// What etcd holds by default is 2 GiB; from so many bytes of states and history on it is said.
    static let clusterLimit = 1 << 30
    /// OpenTofu keeps a state in one Secret; from so many bytes on it is said.
    static let partLimit = StatePart.limit / 5 * 4

    public init(_ store: StateStore) { self.store = store }

    /// Examines environments in the order of their names, and reports what is found of each when it is its turn.
    ///
    /// A few states are in memory at the same time, and of those that have several parts one.
    ///
    /// - Parameters:
    ///   - environments: nil for every one that has something in the namespace.
    ///   - report: is given the findings of one environment, how many were examined, and of how many; at last those of the
    ///     namespace.
    /// - Throws: `KubernetesError` where the cluster does not answer or refuses.
    public func examine(
        _ environments: [EnvironmentID]? = nil,
        report: ([DoctorFinding], _ done: Int, _ total: Int) async throws -> Void
    ) async throws {
        let inventory = try await DoctorInventory.taken(of: store)
        let wanted = environments ?? Array(inventory.entries.keys)
        let sorted = Set(wanted).sorted { $0.description < $1.description }
        var (done, size, rest) = (0, 0, sorted[...])
        func isLarge(_ environment: EnvironmentID) -> Bool { inventory.entries[environment]?.parts.count ?? 0 > 1 }
        while let first = rest.first {
            let batch = isLarge(first) ? rest.prefix(1) : rest.prefix { !isLarge($0) }
            rest = rest.dropFirst(batch.count)
            try await inOrder(Array(batch), width: store.configuration.parallelRequests) { environment in
                try await examine(environment, inventory.entries[environment] ?? DoctorEntry())
            } _: { examined in
                done += 1
                size += examined.size
                try await report(examined.findings, done, sorted.count)
                return true
            }
        }
        if size >= Self.clusterLimit {
            let finding = DoctorFinding(
                .nearClusterLimit, .warning, nil,
                "the states of namespace \(store.namespace) and their history are \(size >> 20) MiB, and the store of a "
                    + "cluster holds 2 GiB of everything unless it is told otherwise",
                remedy: "ask who runs the cluster for its limit (etcd --quota-backend-bytes)")
            try await report([finding], done, sorted.count)
        }
    }

    struct Examined: Sendable {
        var findings: [DoctorFinding] = []
        /// Of the state and its history in the Secrets, in bytes.
        var size = 0
    }

    func examine(_ environment: EnvironmentID, _ entry: DoctorEntry) async throws -> Examined {
        let names = StateNames(environment)
        var examined = Examined()
        async let lock = lockFinding(environment)
        let versions = entry.history.isEmpty ? [] : try await store.history(environment)
        examined.size = versions.reduce(0) { $0 + $1.storedSize }
        let damaged = historyFindings(environment, entry, versions)
        if entry.stateParts.isEmpty, entry.copies.isEmpty {
            examined.findings = nothingLeft(environment, entry, versions) + damaged
        } else {
            if environment.hasNumericTail { examined.findings.append(numericTail(environment)) }
            do {
                let reading = try await store.read(names)
                examined.size += reading.payloadSize
                examined.findings += try await stateFindings(environment, entry, reading, versions)
            } catch let error as StateStoreError where error.code == .unsettled {
                examined.findings.append(
                    DoctorFinding(
                        .busy, .note, environment, error.explanation,
                        remedy: "examine it again: \(command(environment))"))
            }
            examined.findings += damaged
        }
        examined.findings += entry.unsaved.map(unsaved)
        if let lock = try await lock { examined.findings.append(lock) }
        return examined
    }

    func command(_ environment: EnvironmentID) -> String { "stowage doctor -n \(store.namespace) \(environment)" }

    /// A command of `stowage state` on an environment.
    func state(_ command: String, _ environment: EnvironmentID, _ rest: String = "") -> String {
        "stowage state \(command) -n \(store.namespace) \(environment)\(rest.isEmpty ? "" : " \(rest)")"
    }

    private func numericTail(_ environment: EnvironmentID) -> DoctorFinding {
        DoctorFinding(
            .numericTail, .warning, environment,
            "the last group of the UUID has digits only, which Terraform refuses (\"secret_suffix must not end with "
                + "'-<number>'\")",
            remedy: "let the engine come to it by a gateway: stowage run --backend gateway …; or use OpenTofu, which "
                + "takes it: stowage run --engine tofu …")
    }

    private func nothingLeft(
        _ environment: EnvironmentID, _ entry: DoctorEntry, _ versions: [StateVersion]
    ) -> [DoctorFinding] {
        let count = entry.parts.count + entry.staged.count + entry.history.count
        guard count > 0 else {
            return [
                DoctorFinding(
                    .nothingLeft, .warning, environment, "namespace \(store.namespace) has no state of it",
                    remedy: "look for it elsewhere: stowage state list -n …")
            ]
        }
        guard let newest = versions.first else {
            let parts = entry.parts.isEmpty ? "" : ", named like \(StateNames(environment).secret)"
            return [
                DoctorFinding(
                    .nothingLeft, .note, environment,
                    "it has no state, and \(count) Secret(s) that hold nothing\(parts)",
                    remedy:
                        "kubectl delete secret -n \(store.namespace) -l \(OwnSecrets.environmentLabel)=\(environment)")
            ]
        }
        return [
            DoctorFinding(
                .nothingLeft, .warning, environment,
                "it has no state, but \(versions.count) version(s) in its history, the newest of serial \(newest.serial)",
                remedy: "if the state is missed: \(state("rollback", environment, "\(newest.number)"))")
        ]
    }

    private func unsaved(_ state: UnsavedState) -> DoctorFinding {
        DoctorFinding(
            .unsaved, .warning, state.environment,
            "deployment \(state.deployment) could not save its state"
                + (state.serial.map { " of serial \($0)" } ?? "") + ", which is in Secret(s) "
                + "\(state.secrets.joined(separator: ", ")): \(state.reason)",
            remedy: "stowage deployments state -n \(store.namespace) \(state.deployment) > FILE; "
                + "\(self.state("push", state.environment, "FILE")); when it is saved: kubectl delete secret -n "
                + "\(store.namespace) -l \(OwnSecrets.contentLabel)=\(OwnSecrets.Content.unsaved.rawValue),"
                + "\(StateStore.deploymentLabel)=\(state.deployment)")
    }

    private func lockFinding(_ environment: EnvironmentID) async throws -> DoctorFinding? {
        guard let judged = try await store.judgedLock(environment) else { return nil }
        let (lock, evidence) = (judged.lock, judged.verdict.evidence)
        if lock.move?.phase == .left {
            return DoctorFinding(.lock, .note, environment, evidence, remedy: "look for it there")
        }
        let isKept = "its lock is held by \(lock.summary): \(evidence)"
        return switch judged.verdict {
        case .alive: nil
        case .orphaned:
            DoctorFinding(.lock, .warning, environment, isKept, remedy: state("unlock", environment, "--orphaned"))
        case .unknown:
            DoctorFinding(
                .lock, .warning, environment, isKept,
                remedy: "if its holder is gone: \(state("unlock", environment, lock.id))")
        }
    }
}
