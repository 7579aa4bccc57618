internal import KubernetesAPI
internal import OrderedJSON

/// What the cluster keeps as it must be, after each write that could have changed it. It is done before the write is
/// answered, so that nobody sees it undone.
///
/// Source: k8s.io/kubernetes/pkg/controller/{serviceaccount,certificates/rootcacertpublisher,clusterroleaggregation}.
struct ClusterControllers: Sendable {
    let store: Store
    /// The certificate that clients know the server by, as PEM; nil: it is not published.
    let certificateAuthority: String?

    /// Brings everything into order, at the start.
    func reconcile() async throws {
        try await ClusterRoleAggregation(store: store).reconcile()
        try await restoreDefaults()
        for object in try await store.objects(of: [ListQuery(resource: Self.configMaps, name: Self.authorityName)])
            .joined()
        {
            try await restoreAuthority(in: object.key.namespace)
        }
    }

    /// - Parameter namespace: the one that was written to; empty for objects of the whole cluster.
    func reconcile(after kind: ResourceKind, in namespace: String) async throws {
        switch kind {
        case .clusterRole: try await ClusterRoleAggregation(store: store).reconcile()
        case .namespace: try await restoreDefaults()
        case .serviceAccount: try await restoreDefaults(only: namespace)
        case .configMap:
            try await restoreDefaults(only: namespace)
            try await restoreAuthority(in: namespace)
        default: break
        }
    }

    // MARK: What every namespace has

    private static let configMaps = ResourceKind.configMap.qualifiedResource
    private static let authorityName = "kube-root-ca.crt"

    /// - Parameter namespace: nil for all.
    private func restoreDefaults(only namespace: String? = nil) async throws {
        try await restore(.serviceAccount, "default", only: namespace, [:])
        guard let certificateAuthority else { return }
        try await restore(
            .configMap, Self.authorityName, only: namespace,
            [
                "metadata": ["annotations": ["kubernetes.io/description": .string(Self.description)]],
                "data": ["ca.crt": .string(certificateAuthority)],
            ])
    }

    private static let description = """
        Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the \
        internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes \
        clusters.
        """

    private func restore(_ served: ServedKind, _ name: String, only namespace: String?, _ content: JSON) async throws {
        guard case .stored(let kind) = served else { return }
        let resource = kind.kind.qualifiedResource
        for namespace in try await store.namespaces(without: resource, name, only: namespace) {
            let object = kind.own(
                content, namespace: namespace, name: name, by: "kube-controller-manager", now: store.clock.now())
            let key = ObjectKey(resource: ResourceKind.namespace.qualifiedResource, namespace: "", name: namespace)
            guard let found = try await store.object(key), try found.metadataJSON()["deletionTimestamp"] == nil else {
                continue
            }
            do {
                try await store.apply(
                    [.create(kind.key(namespace: namespace, name: name), ObjectDraft(object))],
                    requiring: [Requirement(key: key, revision: found.revision)])
            } catch is StoreConflict {
                // It is there already, or the namespace goes.
            }
        }
    }

    private func restoreAuthority(in namespace: String) async throws {
        let key = ObjectKey(resource: Self.configMaps, namespace: namespace, name: Self.authorityName)
        guard let certificateAuthority, let found = try await store.object(key) else { return }
        var object = try found.json()
        let data: JSON = ["ca.crt": .string(certificateAuthority)]
        guard object["data"] != data else { return }
        object["data"] = data
        object["binaryData"] = nil
        do {
            try await store.apply([
                .update(key, from: found.revision, ObjectDraft(Schema.type("ConfigMap").ordered(object)))
            ])
        } catch is StoreConflict {
            // Whoever wrote in between sets this off again.
        }
    }
}
