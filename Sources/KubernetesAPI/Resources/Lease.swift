public import OrderedJSON

extension ResourceKind {
    public static let lease = ResourceKind(
        group: "coordination.k8s.io", version: "v1", kind: "Lease", resource: "leases", scope: .namespaced)
}

/// A Lease as the API gave it, with what we read of it. Fields that we do not know stay in `object`.
public struct Lease: Sendable, Hashable {
    public var object: JSON

    public init(object: JSON) { self.object = object }

    /// Who holds it; nil when nobody does.
    public var holderIdentity: String? { object["spec"]?["holderIdentity"]?.string }
}
