/// A kind of resource of the Kubernetes API: how it is named, grouped, and where its objects live.
public struct ResourceKind: Sendable, Hashable {
    /// Where objects of a kind live.
    public enum Scope: String, Sendable, Hashable {
        /// Each in a namespace.
        case namespaced = "Namespaced"
        /// In the cluster as such.
        case cluster = "Cluster"
    }

    /// The API group; empty for the core group.
    public let group: String
    /// The version of the API group, such as `v1`.
    public let version: String
    /// The name that objects carry as `kind`, such as `Secret`.
    public let kind: String
    /// The plural, lower-case name that stands in URLs and in Roles.
    public let resource: String
    /// The lower-case name of one, such as `secret`.
    public let singular: String
    /// What `kubectl` also takes for it, such as `cm`; mostly none.
    public let shortNames: [String]
    /// Groups of kinds that `kubectl get` knows by one word, such as `all`.
    public let categories: [String]
    /// Whether objects are in a namespace.
    public let scope: Scope

    public init(
        group: String, version: String, kind: String, resource: String, shortNames: [String] = [],
        categories: [String] = [], scope: Scope
    ) {
        self.group = group
        self.version = version
        self.kind = kind
        self.resource = resource
        self.singular = kind.lowercased()
        self.shortNames = shortNames
        self.categories = categories
        self.scope = scope
    }

    /// `v1` or `group/version`, as in an object's `apiVersion`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// `secrets` or `leases.coordination.k8s.io`, as in the API's messages.
    public var qualifiedResource: String { group.isEmpty ? resource : "\(resource).\(group)" }

    /// The path of the API version, such as `/api/v1`.
    public var versionPath: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }

    /// The path of the collection, or of one object of it.
    ///
    /// - Parameters:
    ///   - namespace: nil for resources of the whole cluster, and for all namespaces of a namespaced resource.
    ///   - name: nil for the collection. Names are DNS names, which need no escaping; callers validate them.
    public func path(namespace: String? = nil, name: String? = nil) -> String {
        let scopePath = namespace.map { "/namespaces/\($0)" } ?? ""
        let namePath = name.map { "/\($0)" } ?? ""
        return "\(versionPath)\(scopePath)/\(resource)\(namePath)"
    }
}
