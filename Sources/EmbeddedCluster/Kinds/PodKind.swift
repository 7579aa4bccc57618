internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, core/v1 `Pod`.
    static let pod = ServedKind.stored(
        StoredKind(
            kind: .pod, type: Schema.type("Pod"),
            setDefaults: { $0.change("spec", PodDefaults.completePod) },
            prepareNew: { object in
                object.beginGenerations()
                object.change("spec", PodDefaults.admit)
                object["status"] = [
                    "phase": "Pending",
                    "qosClass": .string(PodDefaults.qualityOfService(object["spec"] ?? [:])),
                ]
            },
            prepareChanged: { object, old in object.countGeneration(since: old) },
            validate: { PodValidation.errors(spec: $0["spec"] ?? [:], "spec") },
            validateChange: PodChange.errors,
            admit: { object, old, access in
                guard old == nil else { return }
                try await requireServiceAccount(object, access.authorizer.policy.store)
            },
            gracePeriod: { PodDeletion.gracePeriod(of: $0, asked: $1) },
            returnsDeleted: true,
            selectableFields: [
                "spec.nodeName": { $0["spec"]?["nodeName"]?.string ?? "" },
                "spec.restartPolicy": { $0["spec"]?["restartPolicy"]?.string ?? "" },
                "spec.schedulerName": { $0["spec"]?["schedulerName"]?.string ?? "" },
                "spec.serviceAccountName": { $0["spec"]?["serviceAccountName"]?.string ?? "" },
                "spec.hostNetwork": { $0["spec"]?["hostNetwork"]?.bool == true ? "true" : "false" },
                "status.phase": { $0["status"]?["phase"]?.string ?? "" },
                "status.podIP": { $0["status"]?["podIP"]?.string ?? "" },
                "status.nominatedNodeName": { $0["status"]?["nominatedNodeName"]?.string ?? "" },
            ],
            columns: PodTable.columns, hasStatus: true))

    /// Nothing runs on behalf of an account that is not there.
    ///
    /// - Throws: 403 in the words of Kubernetes' admission.
    static func requireServiceAccount(_ pod: JSON, _ store: Store) async throws {
        let namespace = pod.objectNamespace ?? ""
        let name = pod["spec"]?["serviceAccountName"]?.string ?? "default"
        let key = ObjectKey(
            resource: ResourceKind.serviceAccount.qualifiedResource, namespace: namespace, name: name)
        guard try await store.object(key) == nil else { return }
        throw Status.forbidden(
            .pod, pod.objectName ?? "",
            "error looking up service account \(namespace)/\(name): serviceaccount \"\(name)\" not found")
    }
}

extension JSON {
    /// The specification of a new object is its first.
    mutating func beginGenerations() { setGeneration(1) }

    /// A changed specification is a new generation.
    mutating func countGeneration(since old: JSON) {
        let generation = old["metadata"]?["generation"]?.int ?? 1
        setGeneration(self["spec"] == old["spec"] ? generation : generation + 1)
    }

    mutating func setGeneration(_ generation: Int) {
        var metadata = self["metadata"] ?? [:]
        metadata["generation"] = .number(JSONNumber(generation))
        self["metadata"] = Schema.metadata.ordered(metadata)
    }
}
