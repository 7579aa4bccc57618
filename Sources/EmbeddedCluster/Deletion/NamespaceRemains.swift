internal import KubernetesAPI
internal import OrderedJSON

/// What keeps a namespace from going.
struct NamespaceRemains: Sendable {
    private var resources: [String: Int] = [:]
    private var finalizers: [String: Int] = [:]

    var isEmpty: Bool { resources.isEmpty }

    /// - Parameter object: as it stays.
    mutating func add(_ key: ObjectKey, _ object: JSON) {
        resources[key.resource, default: 0] += 1
        for finalizer in (object["metadata"]?["finalizers"]?.array ?? []).compactMap(\.string) {
            finalizers[finalizer, default: 0] += 1
        }
    }

    /// What the status of the namespace says of it.
    func conditions(now: Timestamp) -> NamespaceConditions {
        func list(_ counts: [String: Int], _ join: String, _ dot: Bool) -> String {
            counts.sorted { $0.key < $1.key }.map { name, count in
                // Resources of the core group end with a dot, as if an empty group followed.
                "\(name)\(dot && !name.contains(".") ? "." : "") \(join) \(count) resource instances"
            }.joined(separator: ", ")
        }
        var conditions = [
            NamespaceConditions.Condition(
                type: "NamespaceDeletionDiscoveryFailure", isTrue: false, reason: "ResourcesDiscovered",
                message: "All resources successfully discovered"),
            NamespaceConditions.Condition(
                type: "NamespaceDeletionGroupVersionParsingFailure", isTrue: false, reason: "ParsedGroupVersions",
                message: "All legacy kube types successfully parsed"),
            NamespaceConditions.Condition(
                type: "NamespaceDeletionContentFailure", isTrue: false, reason: "ContentDeleted",
                message: "All content successfully deleted, may be waiting on finalization"),
            NamespaceConditions.Condition(
                type: "NamespaceContentRemaining", isTrue: true, reason: "SomeResourcesRemain",
                message: "Some resources are remaining: \(list(resources, "has", true))"),
        ]
        conditions.append(
            finalizers.isEmpty
                ? NamespaceConditions.Condition(
                    type: "NamespaceFinalizersRemaining", isTrue: false, reason: "ContentHasNoFinalizers",
                    message: "All content-preserving finalizers finished")
                : NamespaceConditions.Condition(
                    type: "NamespaceFinalizersRemaining", isTrue: true, reason: "SomeFinalizersRemain",
                    message: "Some content in the namespace has finalizers remaining: "
                        + list(finalizers, "in", false)))
        return NamespaceConditions(conditions: conditions, now: now)
    }
}

/// The conditions of a namespace that waits for what lies in it.
///
/// Source: Kubernetes API reference, core/v1 `NamespaceCondition`.
struct NamespaceConditions: Sendable {
    struct Condition: Sendable {
        let type: String
        let isTrue: Bool
        let reason: String
        let message: String
    }

    let conditions: [Condition]
    let now: Timestamp

    /// The namespace with these conditions; nil when it has them already.
    func changed(from namespace: JSON) -> JSON? {
        let old = Dictionary(
            (namespace["status"]?["conditions"]?.array ?? []).map { ($0["type"]?.string ?? "", $0) },
            uniquingKeysWith: { $1 })
        let new = conditions.map { condition -> JSON in
            let status: JSON = condition.isTrue ? "True" : "False"
            let since = old[condition.type].flatMap { $0["status"] == status ? $0["lastTransitionTime"] : nil }
            return [
                "type": .string(condition.type), "status": status, "lastTransitionTime": since ?? .string(now.text),
                "reason": .string(condition.reason), "message": .string(condition.message),
            ]
        }
        guard namespace["status"]?["conditions"]?.array != new else { return nil }
        var (namespace, status) = (namespace, namespace["status"] ?? [:])
        status["conditions"] = .array(new)
        namespace["status"] = status
        return namespace
    }
}
