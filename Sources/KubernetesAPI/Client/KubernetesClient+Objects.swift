public import OrderedJSON

extension KubernetesClient {
    /// Reads one object.
    ///
    /// - Parameter namespace: nil for kinds of the whole cluster.
    /// - Throws: ``KubernetesError``; ``KubernetesError/Code/notFound`` when there is none.
    public func get(_ kind: ResourceKind, namespace: String?, name: String) async throws -> JSON {
        try await json(request(.get, kind, namespace, name: name))
    }

    /// Creates an object, or asks a question of a kind that is only asked, such as a review.
    ///
    /// - Parameters:
    ///   - parent: creates a subresource, such as a token, of this object.
    ///   - dryRun: has the cluster check everything and change nothing.
    /// - Returns: the object as the cluster has it.
    /// - Throws: ``KubernetesError``; ``KubernetesError/Code/alreadyExists`` when there is one of that name. When
    ///   ``KubernetesError/mayHaveHappened`` is set, the object may be there: read it.
    public func create(
        _ kind: ResourceKind, namespace: String?, subresourceOf parent: (name: String, subresource: String)? = nil,
        _ object: JSON, dryRun: Bool = false
    ) async throws -> JSON {
        var request = try request(.post, kind, namespace, name: parent?.name)
        if let parent { request.path += "/\(try checked(parent.subresource, of: request))" }
        if dryRun { request.path += Self.dryRunQuery }
        request.body = object.bytes
        return try await json(request)
    }

    /// Replaces an object if it is still the one that was read: a compare-and-swap by `metadata.resourceVersion`.
    ///
    /// - Parameters:
    ///   - object: has its name, and the resourceVersion that it was read with, in its metadata.
    ///   - dryRun: has the cluster check everything and change nothing.
    /// - Returns: the object as the cluster has it now.
    /// - Throws: ``KubernetesError``; ``KubernetesError/Code/missingResourceVersion`` without sending anything when the object
    ///   has none, ``KubernetesError/Code/conflict`` when somebody else changed it. When
    ///   ``KubernetesError/mayHaveHappened`` is set, the object may be replaced: read it.
    public func update(
        _ kind: ResourceKind, namespace: String?, _ object: JSON, dryRun: Bool = false
    ) async throws -> JSON {
        var request = try request(.put, kind, namespace, name: object.objectName ?? "")
        try requireVersion(object, request)
        if dryRun { request.path += Self.dryRunQuery }
        request.body = object.bytes
        return try await json(request)
    }

    private static let dryRunQuery = "?dryRun=All"

    func requireVersion(_ object: JSON, _ request: APIRequest) throws {
        if let version = object.resourceVersion, !version.isEmpty { return }
        throw KubernetesError(
            .missingResourceVersion, target: target(request),
            cause: "the object has no metadata.resourceVersion, so that it would overwrite whatever is there")
    }

    /// Deletes an object.
    ///
    /// - Parameters:
    ///   - resourceVersion: deletes it only if it is still this version; ``KubernetesError/Code/conflict`` otherwise.
    ///   - uid: deletes it only if it is still this object, not another of the same name.
    ///   - propagationPolicy: `Background`, `Foreground` or `Orphan`; nil leaves it to the cluster.
    ///   - dryRun: has the cluster check everything and change nothing.
    /// - Throws: ``KubernetesError``; ``KubernetesError/Code/notFound`` when there is none.
    public func delete(
        _ kind: ResourceKind, namespace: String?, name: String, resourceVersion: String? = nil, uid: String? = nil,
        propagationPolicy: String? = nil, dryRun: Bool = false
    ) async throws {
        var request = try request(.delete, kind, namespace, name: name)
        if dryRun { request.path += Self.dryRunQuery }
        var preconditions: JSON = [:]
        if let uid { preconditions["uid"] = .string(uid) }
        if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
        var options: JSON = ["kind": "DeleteOptions", "apiVersion": "v1"]
        if preconditions != [:] { options["preconditions"] = preconditions }
        if let propagationPolicy { options["propagationPolicy"] = .string(propagationPolicy) }
        if options.object?.count ?? 0 > 2 { request.body = options.bytes }
        _ = try await json(request)
    }

    func request(
        _ verb: HTTPVerb, _ kind: ResourceKind, _ namespace: String?, name: String? = nil
    ) throws -> APIRequest {
        let request = APIRequest(verb, kind.path(namespace: namespace, name: name))
        if let namespace { _ = try checked(namespace, of: request) }
        if let name { _ = try checked(name, of: request) }
        return request
    }

    /// An empty name would turn a request for one object into one for all of them, and `..` into one for another.
    private func checked(_ name: String, of request: APIRequest) throws -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._:".utf8.contains(byte)
            }
        }
        guard isPlain, !name.isEmpty, name != ".", name != ".." else {
            throw KubernetesError(.invalid, target: target(request), cause: "'\(name.prefix(80))' is not a name")
        }
        return name
    }
}
