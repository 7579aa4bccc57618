internal import KubernetesAPI
internal import OrderedJSON

/// The Secrets of one environment, by their metadata.
struct DoctorEntry: Sendable {
    /// By their names, whatever labels they carry.
    var parts: [Int: JSON] = [:]
    /// Secrets of other names with the labels of the state.
    var copies: [String] = []
    var staged: [JSON] = []
    var history: [JSON] = []
    var unsaved: [UnsavedState] = []

    /// Parts that engines find, or should.
    var stateParts: [Int: JSON] {
        parts.filter { $0.value.objectLabels[OwnSecrets.contentLabel] != OwnSecrets.Content.retired.rawValue }
    }
}

/// What is in a namespace, by environment: one list, in which no state is transferred.
struct DoctorInventory: Sendable {
    private(set) var entries: [EnvironmentID: DoctorEntry] = [:]

    static func taken(of store: StateStore) async throws -> DoctorInventory {
        for _ in 0..<2 {
            do {
                return try await takenOnce(of: store)
            } catch let error as KubernetesError where error.code == .expired {
                // The cluster forgot what the list began with: from the start.
            }
        }
        return try await takenOnce(of: store)
    }

    private static func takenOnce(of store: StateStore) async throws -> DoctorInventory {
        var inventory = DoctorInventory()
        let secrets = store.client.list(.secret, namespace: store.namespace, limit: 500, metadataOnly: true)
        for try await secret in secrets { inventory.add(secret) }
        return inventory
    }

    private mutating func add(_ secret: JSON) {
        let labels = secret.objectLabels
        let name = secret.objectName ?? ""
        if let environment = Self.environment(inStateSecret: name),
            let index = StateNames(environment).partIndex(name)
        {
            entries[environment, default: DoctorEntry()].parts[index] = secret
        }
        if let environment = try? EnvironmentID(labels["tfstateSecretSuffix"] ?? ""),
            !StateNames(environment).isStateSecret(name),
            StateNames(environment).labels.allSatisfy({ labels[$0.key] == $0.value })
        {
            entries[environment, default: DoctorEntry()].copies.append(name)
        }
        if let environment = try? EnvironmentID(labels[OwnSecrets.environmentLabel] ?? "") {
            switch labels[OwnSecrets.contentLabel].flatMap(OwnSecrets.Content.init(rawValue:)) {
            case .staged: entries[environment, default: DoctorEntry()].staged.append(secret)
            case .history: entries[environment, default: DoctorEntry()].history.append(secret)
            default: break
            }
        }
        if labels[OwnSecrets.contentLabel] == OwnSecrets.Content.unsaved.rawValue, let state = UnsavedState(secret) {
            entries[state.environment, default: DoctorEntry()].unsaved.append(state)
        }
    }

    /// The environment that a Secret's name begins with.
    private static func environment(inStateSecret name: String) -> EnvironmentID? {
        let prefix = "tfstate-\(StateNames.workspace)-"
        guard name.hasPrefix(prefix) else { return nil }
        return try? EnvironmentID(String(name.dropFirst(prefix.count).prefix(36)))
    }
}
