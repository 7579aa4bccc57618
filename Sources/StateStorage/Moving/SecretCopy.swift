internal import KubernetesAPI
internal import OrderedJSON

/// What of a Secret goes with it when it is moved: its name, labels, annotations and data, whoever put them there.
///
/// Not owners and finalizers: those they name are not at the other place, and an object whose owner is missing is deleted.
struct SecretCopy: Sendable {
    let name: String
    /// Of the Secret that was read; not part of what is compared.
    let version: String?
    private(set) var labels: [String: String]
    private(set) var annotations: [String: String]
    /// As the cluster writes it, in base64.
    private(set) var data: [String: String]
    /// Of all the others.
    private(set) var digest = ""

    init(of secret: JSON) {
        name = secret.objectName ?? ""
        version = secret.resourceVersion
        labels = secret.objectLabels
        annotations = secret.objectAnnotations
        data = secret["data"]?.strings ?? [:]
    }

    /// A part of a state, as engines must find it.
    init(part secret: JSON, _ names: StateNames) {
        self.init(of: secret)
        // A part that an engine put into a Secret that was retired lacks its labels.
        labels.merge(names.labels) { $1 }
        for key in [OwnSecrets.environmentLabel, OwnSecrets.contentLabel] { labels[key] = nil }
        for key in [OwnSecrets.writeAnnotation, OwnSecrets.movedAnnotation] { annotations[key] = nil }
    }

    /// Of a part of a state, in base64.
    var payload: String { data[StatePart.dataKey] ?? "" }

    /// Whether a version of a history begins in it.
    var isVersion: Bool { annotations[OwnSecrets.versionAnnotation].flatMap { StateVersion(parsing: $0) } != nil }

    /// The Secret to be written.
    ///
    /// - Parameter metadata: of the Secret that it replaces, or a name and a namespace.
    func secret(over metadata: JSON?) -> JSON {
        var secret: JSON = ["apiVersion": "v1", "kind": "Secret"]
        var metadata = metadata ?? [:]
        metadata["labels"] = JSON(sorted: labels)
        metadata["annotations"] = JSON(sorted: annotations)
        secret["metadata"] = metadata
        secret["type"] = "Opaque"
        secret["data"] = JSON(sorted: data)
        return secret
    }

    /// With a digest in place of the data, to be compared later.
    var withoutData: SecretCopy {
        var copy = self
        copy.digest = sha256(secret(over: nil).bytes)
        copy.data = [:]
        return copy
    }
}

extension SecretCopy: Equatable {
    static func == (left: SecretCopy, right: SecretCopy) -> Bool {
        left.name == right.name && left.labels == right.labels && left.annotations == right.annotations
            && left.data == right.data && left.digest == right.digest
    }
}
