extension ResourceKind {
    /// Asked, never stored: may somebody do that?
    public static let subjectAccessReview = ResourceKind(
        group: "authorization.k8s.io", version: "v1", kind: "SubjectAccessReview", resource: "subjectaccessreviews",
        scope: .cluster)

    /// The same for one namespace, so that the right to ask can be granted there.
    public static let localSubjectAccessReview = ResourceKind(
        group: "authorization.k8s.io", version: "v1", kind: "LocalSubjectAccessReview",
        resource: "localsubjectaccessreviews", scope: .namespaced)
}
