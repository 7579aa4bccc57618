internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, core/v1 `Namespace`.
    static let namespace = ServedKind.stored(
        StoredKind(
            kind: .namespace, type: Schema.type("Namespace"), nameRule: .label,
            undeletableNames: ["default", "kube-public", "kube-system"],
            verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
            setDefaults: label,
            prepareNew: { object in
                object["spec"] = ["finalizers": ["kubernetes"]]
                object["status"] = ["phase": "Active"]
            },
            prepareChanged: { object, old in object["spec"] = old["spec"] },
            companions: { object, now in
                guard let name = object.objectName else { return [] }
                return [defaultServiceAccount(in: name, now: now)]
            },
            isHeld: { $0["spec"]?["finalizers"]?.array?.isEmpty == false },
            prepareDeleted: { object in
                var status = object["status"] ?? [:]
                status["phase"] = "Terminating"
                object["status"] = status
            },
            returnsDeleted: true,
            selectableFields: [
                "status.phase": { $0["status"]?["phase"]?.string ?? "" }, "name": { $0.objectName ?? "" },
            ],
            columns: [
                TableColumn(
                    name: "Status", description: "The status of the namespace",
                    cell: { object, _ in object["status"]?["phase"] ?? "" }),
                .age,
            ], hasStatus: true, hasFinalize: true))

    /// Every namespace carries its name as a label.
    @Sendable private static func label(_ object: inout JSON) {
        guard let name = object.objectName else { return }
        var labels = object.objectLabels
        labels["kubernetes.io/metadata.name"] = name
        // In the place that labels have, whether there were any or not.
        var metadata = object["metadata"] ?? [:]
        metadata["labels"] = JSON(sorted: labels)
        object["metadata"] = Schema.metadata.ordered(metadata)
    }

    private static func defaultServiceAccount(in namespace: String, now: Timestamp) -> Change {
        .create(
            ObjectKey(resource: ResourceKind.serviceAccount.qualifiedResource, namespace: namespace, name: "default"),
            ObjectDraft([
                "metadata": [
                    "name": "default", "namespace": .string(namespace), "uid": .string(randomUID()),
                    "resourceVersion": "",
                    "creationTimestamp": .string(now.text),
                ]
            ]))
    }
}
