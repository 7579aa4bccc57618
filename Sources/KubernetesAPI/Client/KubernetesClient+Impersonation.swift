extension KubernetesClient {
    /// A client of the same cluster and connections that asks as a ServiceAccount, where the credentials may impersonate it.
    ///
    /// Source: Kubernetes reference, "User impersonation". With no group named, the cluster adds those that every
    /// ServiceAccount is in.
    ///
    /// - Returns: nil where the kubeconfig's user impersonates somebody already: one cannot be somebody else twice.
    public func impersonating(serviceAccount name: String, namespace: String) -> KubernetesClient? {
        guard connection.impersonation.isEmpty else { return nil }
        let headers = [(name: "Impersonate-User", value: "system:serviceaccount:\(namespace):\(name)")]
        return KubernetesClient(
            connection: connection, transport: HeaderTransport(next: transport, headers: headers), retry: retry)
    }
}

/// Adds headers to every request.
private struct HeaderTransport: Transport {
    let next: any Transport
    let headers: [(name: String, value: String)]

    func send(_ request: APIRequest) async throws -> APIResponse {
        var request = request
        request.headers += headers
        return try await next.send(request)
    }
}
