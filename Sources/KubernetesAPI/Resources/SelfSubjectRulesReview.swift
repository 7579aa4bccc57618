extension ResourceKind {
    /// Asked, never stored: what may whoever sends this do in a namespace?
    public static let selfSubjectRulesReview = ResourceKind(
        group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectRulesReview",
        resource: "selfsubjectrulesreviews", scope: .cluster)
}
