extension ResourceKind {
    /// `v1`, Pod.
    public static let pod = ResourceKind(
        group: "", version: "v1", kind: "Pod", resource: "pods", shortNames: ["po"], categories: ["all"],
        scope: .namespaced)
}
