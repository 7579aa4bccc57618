extension ResourceKind {
    /// Asked, never stored: who sends this? Since Kubernetes 1.28.
    public static let selfSubjectReview = ResourceKind(
        group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview", resource: "selfsubjectreviews",
        scope: .cluster)
}
