internal import KubernetesAPI
internal import OrderedJSON

/// The one kind of dry run that there is.
enum DryRun {
    static func unsupported(_ value: String, _ options: String) -> Status {
        .invalid(
            kind: options, group: "meta.k8s.io", name: "",
            [.notSupported("dryRun", .array([.string(value)]), supported: ["All"])])
    }
}
