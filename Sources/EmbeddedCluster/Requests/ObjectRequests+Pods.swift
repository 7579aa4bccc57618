internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

extension ObjectRequests {
    /// What can be done with a Pod below its own path.
    ///
    /// - Returns: nil for what Pods have in common with other kinds.
    func podSubresource(_ logs: ContainerLogs) async throws -> Response? {
        switch path.subresource {
        case "log":
            guard request.verb == "get" else { throw Status.methodNotAllowed }
            let options = try PodLogOptions(request.query, now: asker.now)
            return try PodLogRequest(pod: try await existing(key).json(), options: options, logs: logs)
                .answer(to: request.body)
        case "eviction":
            guard request.verb == "create" else { throw Status.methodNotAllowed }
            return try await evict()
        case "exec", "attach", "portforward", "proxy":
            _ = try await existing(key)
            throw Status(
                code: 405, reason: "MethodNotAllowed",
                message: "this cluster runs containers as processes of its machine and does not serve "
                    + "pods/\(path.subresource)",
                details: Status.Details(name: path.name, kind: kind.kind.resource))
        default: return nil
        }
    }

    /// Nothing here says how many Pods have to stay, so an eviction is a deletion.
    private func evict() async throws -> Response {
        let eviction = try await request.objectBody(expecting: "Eviction", Schema.type("Eviction")).json
        let name = eviction.objectName ?? path.name
        guard name == path.name else {
            throw Status.badRequest("name in URL does not match name in Eviction object: \(path.name) / \(name)")
        }
        let pod = try await existing(key).json()
        let isDryRun = try request.isDryRun("CreateOptions")
        if !isDryRun {
            try await store.deleteGracefully(
                pod, key, asked: eviction["deleteOptions"]?["gracePeriodSeconds"]?.int)
        }
        let status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
        ]
        return .json(status.bytes, status: 201)
    }
}
