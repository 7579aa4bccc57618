internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

/// One request for objects of a kind that is kept. The verbs are in the extensions.
struct ObjectRequests: Sendable {
    let store: Store
    let kind: StoredKind
    let path: ResourcePath
    let request: ServerRequest
    let asker: Asker
    let watchTimes: WatchTimes
    /// Says, and logs, why an answer that has begun cannot go on.
    let failure: @Sendable (any Error) -> Status

    /// Empty for kinds of the whole cluster.
    var namespace: String { kind.kind.scope == .namespaced ? path.namespace : "" }
    var key: ObjectKey { kind.key(namespace: namespace, name: path.name) }
    var writer: ObjectWriter { ObjectWriter(kind: kind.kind) }
    var escalation: Escalation { Escalation(authorizer: asker.authorizer, user: asker.user) }

    /// How often an unconditional write is made anew when somebody else was faster.
    static let attempts = 10

    func answer() async throws -> Response {
        try requirePathSegment()
        guard kind.verbs.contains(request.verb) else { throw Status.methodNotAllowed }
        switch request.verb {
        case "get": return try await get()
        case "list": return try await list()
        case "watch": return try await watch()
        case "create":
            guard path.name.isEmpty, kind.kind.scope == .cluster || !namespace.isEmpty else {
                throw Status.methodNotAllowed
            }
            return try await create()
        case "update": return try await update()
        case "patch": return try await patch()
        case "delete": return try await delete()
        case "deletecollection": return try await deleteCollection()
        default: throw Status.methodNotAllowed
        }
    }

    /// Whether the request is for the status of an object, which it then may change alone.
    var isStatus: Bool { kind.hasStatus && path.subresource == "status" }
    /// Whether the request is for the finalizers in the spec of an object, which it then may change.
    var isFinalize: Bool { kind.hasFinalize && path.subresource == "finalize" }

    var tracker: FieldTracker {
        FieldTracker(kind.kind, kind.type, subresource: path.subresource, now: asker.now)
    }

    func subresource() async throws -> Response {
        if isStatus { return try await status() }
        if isFinalize {
            guard request.verb == "update" else { throw Status.methodNotAllowed }
            return try await update()
        }
        guard let subresource = kind.subresources.first(where: { $0.name == path.subresource }) else {
            throw Status.unknownResource
        }
        try requirePathSegment()
        guard request.verb == "create" else { throw Status.methodNotAllowed }
        let question = try await ObjectBody(request, kind: subresource.kind, type: subresource.type)
        let options = try WriteOptions(request, "CreateOptions")
        let object = try await existing(key)
        var asker = asker
        asker.isDryRun = options.isDryRun
        var answer = try await subresource.answer(question.object, object, asker)
        let tracker = FieldTracker(
            subresource.kind, subresource.type, subresource: subresource.name, now: asker.now)
        tracker.created(question.object, by: options.fieldManager).note(in: &answer)
        return .json(
            ObjectWriter(kind: subresource.kind).object(answer), status: 201, warnings: question.warnings)
    }

    private func status() async throws -> Response {
        switch request.verb {
        case "get": return try await get()
        case "update": return try await update()
        case "patch": return try await patch()
        default: throw Status.methodNotAllowed
        }
    }

    /// Names that stand for other places in a path are no names.
    ///
    /// Source: k8s.io/apimachinery/pkg/api/validation/path.
    private func requirePathSegment() throws {
        let problems =
            [".", ".."].filter { path.name == $0 }.map { "may not be '\($0)'" }
            + ["/", "%"].filter { path.name.contains($0) }.map { "may not contain '\($0)'" }
        guard problems.isEmpty else {
            throw Status.badRequest(
                "Name parameter invalid: \(JSON.string(path.name).text): \(problems.joined(separator: ";"))")
        }
    }

    /// An object that was written, as far as the client asks to see it: what it sent may be large, and it knows that.
    func written(_ metadata: [UInt8], _ content: [UInt8]) throws -> [UInt8] {
        guard try AcceptedForm(request.headers[.accept], isList: false) == .metadata else {
            return writer.object(metadata, content)
        }
        return ObjectWriter.partialMetadata(metadata)
    }

    /// - Throws: 404.
    func existing(_ key: ObjectKey) async throws -> StoredObject {
        guard let object = try await store.object(key) else { throw Status.notFound(kind.kind, key.name) }
        return object
    }

    func get() async throws -> Response {
        let form = try AcceptedForm(request.headers[.accept], isList: false)
        let object = try await existing(key)
        switch form {
        case .object: return .json(writer.object(object))
        case .metadata: return .json(ObjectWriter.partialMetadata(object.metadata))
        case .table:
            let table = try TableWriter(kind, includeObject: request.query["includeObject"], now: asker.now)
            let metadata = "{\"resourceVersion\":\"\(object.revision)\"}"
            return .json(
                ListForm.table(table).opening(metadata: metadata) + (try table.row(object)) + ListForm.closing)
        }
    }
}
