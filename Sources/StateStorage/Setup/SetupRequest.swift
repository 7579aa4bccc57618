/// A ServiceAccount and the namespace that it lives in.
public struct ServiceAccountReference: Sendable, Hashable, CustomStringConvertible {
    /// The namespace that it lives in.
    public let namespace: String
    /// Its name there.
    public let name: String

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    public var description: String { "\(namespace)/\(name)" }

    /// As authentication knows it.
    public var userName: String { "system:serviceaccount:\(namespace):\(name)" }

    /// The groups that every ServiceAccount is in.
    public var groups: [String] {
        ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"]
    }
}

/// What the state storage of a namespace shall look like.
public struct SetupRequest: Sendable, Hashable {
    /// Where the states are kept.
    public var namespace: String
    /// Who is to be allowed to keep them.
    public var serviceAccount: ServiceAccountReference
    /// The environments whose state the ServiceAccount may reach, with a Role for each; empty for all of the namespace.
    public var environments: [EnvironmentID] = []
    /// What is to be allowed beyond what is needed.
    public var extras: Set<OptionalRight> = []
    /// Whether the namespace is made where it is missing.
    public var createsNamespace = false
    /// Whether the ServiceAccount is made where it is missing.
    public var createsServiceAccount = false

    public init(namespace: String, serviceAccount: ServiceAccountReference) {
        self.namespace = namespace
        self.serviceAccount = serviceAccount
    }

    /// The objects in the order in which they must come to be.
    public var objects: [SetupObject] {
        var objects: [SetupObject] = []
        if createsNamespace { objects.append(SetupObject(.namespace, namespace)) }
        if createsServiceAccount { objects.append(SetupObject(.serviceAccount(serviceAccount), serviceAccount.name)) }
        func grant(_ name: String, _ rules: [PolicyRule]) {
            objects.append(SetupObject(.role(rules, namespace: namespace), name))
            objects.append(SetupObject(.binding(serviceAccount, namespace: namespace), name))
        }
        if environments.isEmpty { grant(StorageRights.roleName, StorageRights.rules(with: extras)) }
        for environment in environments {
            grant("\(StorageRights.roleName)-\(environment)", StorageRights.rules(for: environment, with: extras))
        }
        return objects
    }

    /// What whoever asks for this must know: where names cannot limit a right, and what stops working.
    public var notes: [String] {
        guard !environments.isEmpty else { return [] }
        let parts = StorageRights.partsPerEnvironment
        return [
            "create cannot be limited by name, because a new object has none yet for the authorizer: the ServiceAccount may "
                + "create any Secret and Lease of the namespace, and read or change only its own environment's",
            "list is granted for lists of one name (fieldSelector metadata.name=...) and for no list by labels, which "
                + "is how the engines look: by itself, terraform fails in every command, and tofu in init",
            "stowage run works with both engines, because it reads the parts by name for them",
            "rights add up: a Role for all states that is bound to the same ServiceAccount too lets it read them all",
            "names stand for a state of up to \(parts) parts of 1 MiB of gzip and for "
                + "\(StorageRights.versionsPerEnvironment) versions; what is larger is denied, as are stowage state "
                + "list and locks",
        ]
    }
}
