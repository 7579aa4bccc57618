extension ResourceKind {
    /// `v1`, Secret.
    public static let secret = ResourceKind(
        group: "", version: "v1", kind: "Secret", resource: "secrets", scope: .namespaced)
}
