extension ResourceKind {
    /// `v1`, ServiceAccount.
    public static let serviceAccount = ResourceKind(
        group: "", version: "v1", kind: "ServiceAccount", resource: "serviceaccounts", shortNames: ["sa"],
        scope: .namespaced)
}
