extension ResourceKind {
    /// `v1`, ResourceQuota.
    public static let resourceQuota = ResourceKind(
        group: "", version: "v1", kind: "ResourceQuota", resource: "resourcequotas", shortNames: ["quota"],
        scope: .namespaced)
}
