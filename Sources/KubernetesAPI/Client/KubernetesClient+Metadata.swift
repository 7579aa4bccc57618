public import OrderedJSON

extension KubernetesClient {
    /// Reads one object's metadata; its content is not transferred.
    ///
    /// Source: Kubernetes API concepts, "Metadata-only fetches" (`PartialObjectMetadata`).
    ///
    /// - Throws: ``KubernetesError``; ``KubernetesError/Code/notFound`` when there is none.
    public func metadata(of kind: ResourceKind, namespace: String?, name: String) async throws -> JSON {
        var request = try request(.get, kind, namespace, name: name)
        request.headers = [("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")]
        return try await json(request)
    }
}
