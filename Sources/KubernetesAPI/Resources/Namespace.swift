extension ResourceKind {
    public static let namespace = ResourceKind(
        group: "", version: "v1", kind: "Namespace", resource: "namespaces", shortNames: ["ns"], scope: .cluster)
}
