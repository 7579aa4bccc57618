internal import KubernetesAPI
internal import OrderedJSON

/// One part of a state as it was read: its Secret without the payload, and the payload.
struct StatePart: Sendable {
    /// The engines' limit, and that of the API for all data of a Secret.
    static let limit = 1_048_576
    static let dataKey = "tfstate"

    /// The Secret, foreign labels, annotations and data included, without the payload.
    let secret: JSON
    var payload: [UInt8]

    var name: String { secret.objectName ?? "" }
    var resourceVersion: String { secret.resourceVersion ?? "" }

    init(_ value: SecretValue) {
        secret = value.object
        payload = value.bytes ?? []
    }

    /// A part whose payload is not known.
    init(secret: JSON) {
        self.secret = secret
        payload = []
    }

    /// Whether engines find it.
    func hasLabels(of names: StateNames) -> Bool {
        let labels = secret.objectLabels
        return names.labels.allSatisfy { labels[$0.key] == $0.value }
    }

    var isRetired: Bool {
        secret.objectLabels[OwnSecrets.contentLabel] == OwnSecrets.Content.retired.rawValue
    }

    /// Whether this is what a move, or a state that shrank, has left of a part: nothing but its name.
    var isVacant: Bool { isRetired && payload.isEmpty }

    /// Cuts a payload as the engines do.
    static func cut(_ payload: [UInt8], limit: Int) -> [[UInt8]] {
        stride(from: 0, to: payload.count, by: limit).map { Array(payload[$0..<min($0 + limit, payload.count)]) }
    }

    /// A Secret as the engines create it, with a payload.
    static func new(_ names: StateNames, index: Int, namespace: String, payload: [UInt8]) -> SecretValue {
        let secret: JSON = [
            "apiVersion": "v1", "kind": "Secret",
            "metadata": [
                "name": .string(names.part(index)), "namespace": .string(namespace),
                "labels": JSON(sorted: names.labels), "annotations": ["encoding": "gzip"],
            ],
            "type": "Opaque",
        ]
        return SecretValue(secret, key: dataKey, bytes: payload)
    }
}

extension JSON {
    /// The Secret with that payload and the engines' labels; everything else stays, but for what marks it as retired.
    func holding(_ payload: [UInt8], _ names: StateNames) -> SecretValue {
        var secret = self
        for (key, value) in names.labels { secret.setLabel(key, value) }
        for key in [OwnSecrets.environmentLabel, OwnSecrets.contentLabel] { secret.setLabel(key, nil) }
        secret.setAnnotation(OwnSecrets.movedAnnotation, nil)
        secret.setAnnotation("encoding", "gzip")
        return SecretValue(secret, key: StatePart.dataKey, bytes: payload)
    }

    mutating func setLabel(_ key: String, _ value: String?) { self["metadata", "labels", key] = value.map(JSON.string) }

    mutating func setAnnotation(_ key: String, _ value: String?) {
        self["metadata", "annotations", key] = value.map(JSON.string)
    }

    /// A member of a member. Setting one makes the objects on the way; removing one does not.
    subscript(first: String, second: String) -> JSON? {
        get { self[first]?[second] }
        set {
            var inner = self[first] ?? .null
            if newValue == nil, inner.object == nil { return }
            inner[second] = newValue
            self[first] = inner
        }
    }

    subscript(first: String, second: String, third: String) -> JSON? {
        get { self[first]?[second]?[third] }
        set {
            var inner = self[first] ?? .null
            inner[second, third] = newValue
            self[first] = inner
        }
    }
}
