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
        var offered = subresources.map { OfferedSubresource(name: $0.name, kind: $0.kind, verbs: ["create"]) }
        if case .stored(let stored) = self, stored.hasStatus {
            offered.append(OfferedSubresource(name: "status", kind: kind, verbs: ["get", "patch", "update"]))
        }
        if case .stored(let stored) = self, stored.hasFinalize {
            offered.append(OfferedSubresource(name: "finalize", kind: kind, verbs: ["update"]))
        }
        return offered.sorted { $0.name < $1.name }
    }
}
