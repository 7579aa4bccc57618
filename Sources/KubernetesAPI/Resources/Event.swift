extension ResourceKind {
    /// `v1`, Event.
    public static let event = ResourceKind(
        group: "", version: "v1", kind: "Event", resource: "events", shortNames: ["ev"], scope: .namespaced)
}
