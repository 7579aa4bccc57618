internal import KubernetesAPI

/// The kinds whose objects are kept, by the names that objects and references have for them.
struct StoredKinds: Sendable {
    private let byResource: [String: StoredKind]
    private let byName: [Name: StoredKind]

    private struct Name: Hashable {
        let apiVersion: String
        let kind: String
    }

    init(_ kinds: [ServedKind]) {
        let stored = kinds.compactMap { kind in
            if case .stored(let stored) = kind { stored } else { nil as StoredKind? }
        }
        byResource = Dictionary(stored.map { ($0.kind.qualifiedResource, $0) }, uniquingKeysWith: { $1 })
        byName = Dictionary(
            stored.map { (Name(apiVersion: $0.kind.apiVersion, kind: $0.kind.kind), $0) }, uniquingKeysWith: { $1 })
    }

    /// - Parameter resource: `secrets` or `leases.coordination.k8s.io`.
    subscript(resource resource: String) -> StoredKind? { byResource[resource] }

    subscript(apiVersion: String, kind: String) -> StoredKind? { byName[Name(apiVersion: apiVersion, kind: kind)] }
}
