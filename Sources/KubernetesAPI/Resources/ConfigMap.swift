extension ResourceKind {
    /// `v1`, ConfigMap.
    public static let configMap = ResourceKind(
        group: "", version: "v1", kind: "ConfigMap", resource: "configmaps", shortNames: ["cm"], scope: .namespaced)
}
