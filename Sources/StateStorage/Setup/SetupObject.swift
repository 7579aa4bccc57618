public import KubernetesAPI
public import OrderedJSON

/// One object of the state storage's set-up, as it shall be.
public struct SetupObject: Sendable, Hashable {
    /// What the object is for.
    public enum Content: Sendable, Hashable {
        /// The namespace of the states.
        case namespace
        /// The account that engines run as.
        case serviceAccount(ServiceAccountReference)
        /// A Role with these rules, in that namespace.
        case role([PolicyRule], namespace: String)
        /// Binds the Role of the same name.
        case binding(ServiceAccountReference, namespace: String)
    }

    /// What it shall be.
    public let content: Content
    /// The name that it has in the cluster.
    public let name: String

    init(_ content: Content, _ name: String) {
        self.content = content
        self.name = name
    }

    /// Its kind.
    public var kind: ResourceKind {
        switch content {
        case .namespace: .namespace
        case .serviceAccount: .serviceAccount
        case .role: .role
        case .binding: .roleBinding
        }
    }

    /// nil for an object of the whole cluster.
    public var namespace: String? {
        switch content {
        case .namespace: nil
        case .serviceAccount(let account): account.namespace
        case .role(_, let namespace), .binding(_, let namespace): namespace
        }
    }

    /// `Role x in namespace y`, for messages.
    public var text: String { "\(kind.kind) \(name)" + (namespace.map { " in namespace \($0)" } ?? "") }

    /// The object as `kubectl apply` takes it, in the shape of the documentation page.
    public var json: JSON {
        var metadata: JSON = ["name": .string(name)]
        if let namespace { metadata["namespace"] = .string(namespace) }
        var object: JSON = [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind), "metadata": metadata,
        ]
        switch content {
        case .namespace, .serviceAccount: break
        case .role(let rules, _): object["rules"] = .array(rules.map(\.json))
        case .binding(let account, let namespace):
            object["roleRef"] = Self.roleReference(name)
            object["subjects"] = [Self.subject(account, in: namespace)]
        }
        return object
    }

    static func roleReference(_ name: String) -> JSON {
        ["apiGroup": .string(ResourceKind.role.group), "kind": "Role", "name": .string(name)]
    }

    /// A subject without a namespace is one of the binding's own, as on the page.
    static func subject(_ account: ServiceAccountReference, in namespace: String) -> JSON {
        var subject: JSON = ["kind": "ServiceAccount", "name": .string(account.name)]
        if account.namespace != namespace { subject["namespace"] = .string(account.namespace) }
        return subject
    }
}
