extension ResourceKind {
    /// Asked, never stored: whose token is that?
    public static let tokenReview = ResourceKind(
        group: "authentication.k8s.io", version: "v1", kind: "TokenReview", resource: "tokenreviews", scope: .cluster)
}
