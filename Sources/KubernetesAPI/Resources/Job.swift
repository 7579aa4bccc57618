extension ResourceKind {
    /// `batch/v1`, Job.
    public static let job = ResourceKind(
        group: "batch", version: "v1", kind: "Job", resource: "jobs", categories: ["all"], scope: .namespaced)
}
