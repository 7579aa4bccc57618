internal import KubernetesAPI
internal import OrderedJSON

extension Store {
    /// Makes the namespaces that every cluster has, on its first start.
    func seed() async throws {
        guard try await currentRevision() == 0, case .stored(let kind) = ServedKind.namespace else { return }
        let now = clock.now()
        let changes = ["default", "kube-system"].flatMap { name -> [Change] in
            var object: JSON = [
                "metadata": [
                    "name": .string(name), "uid": .string(randomUID()), "resourceVersion": "",
                    "creationTimestamp": .string(now.text),
                ]
            ]
            kind.prepareNew(&object)
            return [.create(kind.key(namespace: "", name: name), ObjectDraft(object))] + kind.companions(object, now)
        }
        try await apply(changes)
    }
}
