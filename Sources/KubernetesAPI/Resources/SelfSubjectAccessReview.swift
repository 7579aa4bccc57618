extension ResourceKind {
    /// Asked, never stored: may whoever sends this do that?
    public static let selfSubjectAccessReview = ResourceKind(
        group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectAccessReview",
        resource: "selfsubjectaccessreviews", scope: .cluster)
}
