extension ResourceKind {
    /// `v1`, Namespace.
    public static let namespace = ResourceKind(
        group: "", version: "v1", kind: "Namespace", resource: "namespaces", shortNames: ["ns"], scope: .cluster)
}
