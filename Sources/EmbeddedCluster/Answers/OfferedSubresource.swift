internal import KubernetesAPI

/// What clients are told of a path below that of an object.
struct OfferedSubresource: Sendable {
    let name: String
    /// The kind of what is sent and answered there.
    let kind: ResourceKind
    let verbs: [String]
}

extension ServedKind {
    var offeredSubresources: [OfferedSubresource] {
        subresources.map { OfferedSubresource(name: $0.name, kind: $0.kind, verbs: ["create"]) }
            .sorted { $0.name < $1.name }
    }
}
