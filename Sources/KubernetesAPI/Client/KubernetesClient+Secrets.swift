public import OrderedJSON

/// A Secret with the value of one key of its data apart, as the bytes that it stands for.
///
/// A value of a megabyte would be held several times over as JSON, as text and as base64; here it is once.
public struct SecretValue: Sendable {
    /// The Secret without that value, everything else of it included.
    public var object: JSON
    /// The key in the Secret's data.
    public let key: String
    /// nil where the Secret does not have the key.
    public var bytes: [UInt8]?

    public init(_ object: JSON, key: String, bytes: [UInt8]?) {
        self.object = object
        self.key = key
        self.bytes = bytes
    }
}

extension SecretValue {
    private static let data = "data"

    /// - Parameter json: the whole Secret, as a cluster answers it.
    /// - Throws: `JSONError`; ``Base64Error``.
    init(parsing json: [UInt8], key: String) throws {
        var parser = JSONParser(json, lifting: [Self.data, key])
        var object = try parser.parse()
        self.key = key
        if let range = parser.liftedRange {
            bytes = try Base64.decode(utf8: json.span.extracting(range))
        } else {
            // With escapes, or not there.
            bytes = try object[Self.data]?[key]?.string.map { try Base64.decode($0) }
        }
        if var others = object[Self.data], others[key] != nil {
            others[key] = nil
            object[Self.data] = others
        }
        self.object = object
    }

    /// The whole Secret as JSON.
    var json: [UInt8] {
        var rest = object
        let others = (rest[Self.data]?.object ?? [:]).filter { $0.key != key }
        rest[Self.data] = nil
        var json: [UInt8] = []
        json.reserveCapacity(4096 + Base64.encodedCount(bytes?.count ?? 0))
        rest.append(to: &json)
        json.removeLast()
        json += (json.count > 1 ? ",\"\(Self.data)\":{" : "\"\(Self.data)\":{").utf8
        for (offset, member) in others.enumerated() {
            if offset > 0 { json.append(UInt8(ascii: ",")) }
            JSON.string(member.key).append(to: &json)
            json.append(UInt8(ascii: ":"))
            member.value.append(to: &json)
        }
        if let bytes {
            if !others.isEmpty { json.append(UInt8(ascii: ",")) }
            JSON.string(key).append(to: &json)
            json += ":\"".utf8
            Base64.append(bytes, to: &json)
            json.append(UInt8(ascii: "\""))
        }
        json += "}}".utf8
        return json
    }
}

extension KubernetesClient {
    /// What was written is known; what the cluster made of its metadata is what is asked for.
    private static let writtenForm = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

    /// Reads a Secret with one value apart.
    ///
    /// - Throws: ``KubernetesError``; ``KubernetesError/Code/notFound`` when there is none, and
    ///   ``KubernetesError/Code/badResponse`` where the value is not base64.
    public func secret(namespace: String, name: String, key: String) async throws -> SecretValue {
        let request = try request(.get, .secret, namespace, name: name)
        let answer = try await answer(request)
        do {
            return try SecretValue(parsing: answer, key: key)
        } catch let error as JSONError {
            throw KubernetesError(
                .badResponse, target: target(request), cause: "the answer is not JSON: \(error)")
        } catch {
            throw KubernetesError(.badResponse, target: target(request), cause: "data of the Secret is not base64")
        }
    }

    /// Creates a Secret, as ``create(_:namespace:subresourceOf:_:)`` does.
    ///
    /// - Returns: its metadata as the cluster has it; the value is not sent back.
    public func create(_ secret: SecretValue, namespace: String) async throws -> JSON {
        try await write(secret, try request(.post, .secret, namespace))
    }

    /// Replaces a Secret if it is still the one that was read, as ``update(_:namespace:_:)`` does.
    ///
    /// - Returns: its metadata as the cluster has it; the value is not sent back.
    public func update(_ secret: SecretValue, namespace: String) async throws -> JSON {
        let request = try request(.put, .secret, namespace, name: secret.object.objectName ?? "")
        try requireVersion(secret.object, request)
        return try await write(secret, request)
    }

    private func write(_ secret: SecretValue, _ request: APIRequest) async throws -> JSON {
        var request = request
        request.headers = [("Accept", Self.writtenForm)]
        request.body = secret.json
        guard let metadata = try await json(request)["metadata"] else {
            throw KubernetesError(
                .badResponse, target: target(request), cause: "the answer has no metadata", mayHaveHappened: true)
        }
        return metadata
    }
}
