extension ResourceKind {
    public static let secret = ResourceKind(
        group: "", version: "v1", kind: "Secret", resource: "secrets", scope: .namespaced)
}
