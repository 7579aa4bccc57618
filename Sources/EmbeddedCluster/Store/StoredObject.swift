internal import OrderedJSON

/// One object's place in the cluster.
struct ObjectKey: Sendable, Hashable {
    /// The qualified resource, such as `secrets` or `leases.coordination.k8s.io`.
    let resource: String
    /// Empty for objects of the whole cluster.
    let namespace: String
    let name: String
}

/// An object as it lies in the store: final JSON, in two pieces, so that a list can be written without decoding it.
struct StoredObject: Sendable, Hashable {
    let key: ObjectKey
    /// What the API calls the resourceVersion.
    let revision: Int64
    /// The JSON object `metadata`.
    let metadata: [UInt8]
    /// What follows the metadata up to the closing brace: `,"data":{…},"type":"Opaque"}`, or `}` alone.
    /// Empty where only the metadata was asked for.
    let content: [UInt8]
}

extension StoredObject {
    /// The object without kind and apiVersion, as an item of a list stands.
    func json() throws -> JSON { try JSON(parsing: Array("{\"metadata\":".utf8) + metadata + content) }

    func metadataJSON() throws -> JSON { try JSON(parsing: metadata) }
}

/// An object that is about to be stored.
struct ObjectDraft: Sendable {
    /// In the API's order; its `resourceVersion` is filled in by the store, in the place where it stands.
    var metadata: JSON
    let labels: [String: String]
    let content: [UInt8]

    /// - Parameter object: the object without kind and apiVersion.
    init(_ object: JSON) {
        var rest = object.object ?? [:]
        metadata = rest["metadata"] ?? [:]
        labels = object["metadata"]?["labels"]?.strings ?? [:]
        rest["metadata"] = nil
        content = rest.isEmpty ? [UInt8(ascii: "}")] : [UInt8(ascii: ",")] + JSON.object(rest).bytes.dropFirst()
    }

    func metadataBytes(at revision: Int64) -> [UInt8] {
        var metadata = metadata
        metadata["resourceVersion"] = .string(String(revision))
        return metadata.bytes
    }
}
