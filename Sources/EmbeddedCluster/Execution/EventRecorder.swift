internal import KubernetesAPI
internal import Logging
internal import OrderedJSON
internal import Synchronization

/// Writes Events about what a component of the cluster did. What happens again is counted rather than told again.
final class EventRecorder: Sendable {
    enum Severity: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    private struct Signature: Hashable {
        let uid: String
        let field: String
        let reason: String
        let message: String
    }

    private struct Known {
        let key: ObjectKey
        let uid: String
    }

    private let store: Store
    private let component: String
    private let host: String?
    private let logger: Logger
    private let known = Mutex<[Signature: Known]>([:])
    private static let knownLimit = 1000

    init(_ store: Store, component: String, host: String? = nil, logger: Logger) {
        self.store = store
        self.component = component
        self.host = host
        self.logger = logger
    }

    /// - Parameters:
    ///   - object: what it is about.
    ///   - field: which part of it, such as `spec.containers{main}`.
    func record(
        _ severity: Severity, _ kind: ResourceKind, _ object: JSON, field: String = "", reason: String,
        _ message: String
    ) async {
        let signature = Signature(
            uid: object["metadata"]?["uid"]?.string ?? "", field: field, reason: reason, message: message)
        do {
            if let known = known.withLock({ $0[signature] }), try await count(known) { return }
            let event = try await create(severity, kind, object, field: field, reason: reason, message)
            known.withLock { known in
                if known.count >= Self.knownLimit { known = [:] }
                known[signature] = event
            }
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("an event was not written", metadata: ["reason": "\(reason)", "error": "\(error)"])
        }
    }

    private func count(_ known: Known) async throws -> Bool {
        let now = store.clock.now()
        return try await store.change(known.key, uid: known.uid) { event in
            event["count"] = .number(JSONNumber((event["count"]?.int ?? 1) + 1))
            event["lastTimestamp"] = .string(now.text)
        } != nil
    }

    private func create(
        _ severity: Severity, _ kind: ResourceKind, _ object: JSON, field: String, reason: String, _ message: String
    ) async throws -> Known? {
        let (namespace, name) = (object.objectNamespace ?? "", object.objectName ?? "")
        let home = ObjectKey(resource: ResourceKind.namespace.qualifiedResource, namespace: "", name: namespace)
        guard let home = try await store.object(home) else { return nil }
        let now = store.clock.now()
        let suffix = String(UInt64(max(0, now.microseconds)) * 1000 + UInt64.random(in: 0..<1000), radix: 16)
        let key = ObjectKey(resource: "events", namespace: namespace, name: "\(name).\(suffix)")
        let uid = randomUID()
        var involved: JSON = ["kind": .string(kind.kind), "namespace": .string(namespace), "name": .string(name)]
        involved["uid"] = object["metadata"]?["uid"]
        involved["apiVersion"] = .string(kind.apiVersion)
        involved["resourceVersion"] = object["metadata"]?["resourceVersion"]
        if !field.isEmpty { involved["fieldPath"] = .string(field) }
        var source: JSON = ["component": .string(component)]
        if let host { source["host"] = .string(host) }
        let event: JSON = [
            "metadata": [
                "name": .string(key.name), "namespace": .string(namespace), "uid": .string(uid), "resourceVersion": "",
                "creationTimestamp": .string(now.text),
            ],
            "involvedObject": involved, "reason": .string(reason), "message": .string(message), "source": source,
            "firstTimestamp": .string(now.text), "lastTimestamp": .string(now.text), "count": 1,
            "type": .string(severity.rawValue), "reportingComponent": .string(component),
            "reportingInstance": .string(host ?? ""),
        ]
        do {
            try await store.apply(
                [.create(key, ObjectDraft(event))], requiring: [Requirement(key: home.key, revision: home.revision)])
        } catch StoreConflict.requirement {
            // The namespace is going, and its events with it.
            return nil
        }
        return Known(key: key, uid: uid)
    }
}
