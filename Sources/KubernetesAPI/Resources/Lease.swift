public import OrderedJSON

extension ResourceKind {
    /// `coordination.k8s.io/v1`, Lease.
    public static let lease = ResourceKind(
        group: "coordination.k8s.io", version: "v1", kind: "Lease", resource: "leases", scope: .namespaced)
}

/// A Lease as the API gave it, with what we read of it. Fields that we do not know stay in `object`.
public struct Lease: Sendable, Hashable {
    /// The whole object, as the API gave it or as it is to be written.
    public var object: JSON

    public init(object: JSON) { self.object = object }

    /// Who holds it; nil when nobody does.
    public var holderIdentity: String? { object["spec"]?["holderIdentity"]?.string }

    /// When its holder renewed it last, in seconds since 1970; nil where it does not say.
    public var renewTime: Double? { object["spec"]?["renewTime"]?.string.flatMap(RFC3339.seconds) }

    /// How long it counts from there, in seconds; nil where it does not say.
    public var leaseDurationSeconds: Int? { object["spec"]?["leaseDurationSeconds"]?.int }
}
