internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON

extension ObjectRequests {
    func list() async throws -> Response { try await answer(try await listing()) }

    /// A list that was asked for, and its first part.
    struct Listing: Sendable {
        let form: ListForm
        let filter: ListFilter
        /// At the revision of the list.
        let query: ListQuery
        let start: ListStart
    }

    /// - Parameter needsContent: whether the objects are needed whole, whatever the form.
    func listing(needsContent: Bool = false) async throws -> Listing {
        let form = try ListForm(request, kind, now: asker.now)
        try requireListOptions()
        let fields = try fieldSelector()
        var query = try query(fields)
        if case .metadata = form, fields.isExact, !needsContent { query.metadataOnly = true }
        let start = try await store.list(query)
        try requireReached(start)
        query.revision = start.revision
        return Listing(form: form, filter: ListFilter(kind: kind, fields: fields), query: query, start: start)
    }

    func answer(_ listing: Listing) async throws -> Response {
        let (form, start) = (listing.form, listing.start)
        if case .protobuf = try AcceptedAnswer(request, for: .list).mediaType {
            return try await protobufList(form, listing.filter, listing.query, start)
        }
        var buffer = ByteBuffer(bytes: form.opening(metadata: metadata(start, listing.query).text))
        var isFirst = true
        try form.write(listing.filter.apply(start.objects), to: &buffer, &isFirst)
        guard let unread = start.unread else {
            buffer.writeBytes(ListForm.closing)
            buffer.writeString("\n")
            return Response(status: .ok, headers: Self.headers, body: ResponseBody(byteBuffer: buffer))
        }
        var query = listing.query
        query.limit = query.limit.map { $0 - start.objects.count }
        query.after = unread
        return Response(
            status: .ok, headers: Self.headers,
            body: ListStream(store: store, form: form, filter: listing.filter, query: query).body(
                after: buffer, isFirst: isFirst))
    }

    private static let headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-cache, private"]

    /// Source: k8s.io/apimachinery/pkg/apis/meta/internalversion/validation `ValidateListOptions`.
    private func requireListOptions() throws {
        let query = request.query
        var errors: [FieldError] = []
        if let match = query["resourceVersionMatch"] {
            let field = "resourceVersionMatch"
            if query["resourceVersion"] == nil {
                errors.append(
                    .forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            if query["continue"] != nil {
                errors.append(.forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
            }
            if !["Exact", "NotOlderThan"].contains(match) {
                errors.append(.notSupported(field, .string(match), supported: ["Exact", "NotOlderThan", ""]))
            }
            if match == "Exact", query["resourceVersion"] == "0" {
                errors.append(
                    .forbidden(
                        field, #"resourceVersionMatch "exact" is forbidden for resourceVersion "0""#))
            }
        }
        if query.flag("sendInitialEvents") != nil {
            errors.append(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
        }
        guard errors.isEmpty else {
            throw Status.invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", errors)
        }
    }

    func fieldSelector() throws -> FieldSelector {
        try FieldSelector(
            parsing: request.query["fieldSelector"] ?? "",
            known: Set(kind.selectableFields.keys).union(["metadata.name", "metadata.namespace"]))
    }

    /// What the request is about: where, which name, which labels.
    func scope(_ fields: FieldSelector) throws -> ListQuery {
        var query = ListQuery(resource: kind.kind.qualifiedResource)
        query.namespace = namespace.isEmpty && kind.kind.scope == .namespaced ? fields.namespace : namespace
        query.name = fields.name
        // Nothing is in two namespaces, and nothing has the empty name.
        if let wanted = fields.namespace, wanted != query.namespace { query.name = "" }
        do {
            query.selector = try LabelSelector(parsing: request.query["labelSelector"] ?? "")
        } catch {
            throw Status.badRequest(error.description)
        }
        return query
    }

    private func query(_ fields: FieldSelector) throws -> ListQuery {
        var query = try scope(fields)
        // What is chosen by other fields is found by reading everything, so it is all given at once.
        let limit = try limit()
        if fields.isExact, limit > 0 { query.limit = limit }
        let wanted = try wantedRevision()
        if let token = request.query["continue"] {
            if let wanted, wanted > 0 {
                throw Status.badRequest("specifying resource version is not allowed when using continue")
            }
            let token = try ContinueToken(parsing: token, namespace: query.namespace)
            query.after = token.position
            query.revision = token.revision
        } else if request.query["resourceVersionMatch"] == "Exact" {
            query.revision = wanted
        }
        return query
    }

    private func limit() throws -> Int {
        guard let text = request.query["limit"] else { return 0 }
        guard let limit = Int(text) else {
            throw Status.badRequest("strconv.ParseInt: parsing \(JSON.string(text).text): invalid syntax")
        }
        return limit
    }

    func wantedRevision() throws -> Int64? {
        guard let text = request.query["resourceVersion"] else { return nil }
        guard let revision = Int64(text), revision >= 0 else {
            throw Status.badRequest(
                "resourceVersion: Invalid value: \(JSON.string(text).text): "
                    + "strconv.ParseUint: parsing \(JSON.string(text).text): invalid syntax")
        }
        return revision
    }

    /// A list that must not be older than a revision fails when that is yet to come.
    private func requireReached(_ start: ListStart) throws {
        guard let wanted = try wantedRevision(), wanted > start.revision else { return }
        throw ListFailure.future(wanted, current: start.revision)
    }

    func metadata(_ start: ListStart, _ query: ListQuery) -> JSON {
        var metadata: JSON = ["resourceVersion": .string(String(start.revision))]
        if let position = start.continuation {
            let token = ContinueToken(revision: start.revision, position: position)
            metadata["continue"] = .string(token.text(namespace: query.namespace))
        }
        if let remaining = start.remaining { metadata["remainingItemCount"] = .number(JSONNumber(remaining)) }
        return metadata
    }
}

/// Leaves out of a list what a field selector does not choose.
struct ListFilter: Sendable {
    let kind: StoredKind
    let fields: FieldSelector

    func apply(_ objects: [StoredObject]) throws -> [StoredObject] {
        fields.isExact ? objects : try objects.filter { try fields.matches($0.key, $0.json(), kind) }
    }
}

/// The rest of a list that is too long for one piece: read and written batch by batch, all of one revision.
private struct ListStream: Sendable {
    let store: Store
    let form: ListForm
    let filter: ListFilter
    let query: ListQuery

    func body(after opening: ByteBuffer, isFirst: Bool) -> ResponseBody {
        ResponseBody { writer in
            try await writer.write(opening)
            var (query, isFirst) = (query, isFirst)
            while true {
                let batch = try await store.more(query)
                var buffer = ByteBuffer()
                try form.write(filter.apply(batch.objects), to: &buffer, &isFirst)
                try await writer.write(buffer)
                guard let unread = batch.unread else { break }
                query.after = unread
                query.limit = query.limit.map { $0 - batch.objects.count }
            }
            try await writer.write(ByteBuffer(bytes: ListForm.closing + [UInt8(ascii: "\n")]))
            try await writer.finish(nil)
        }
    }
}
