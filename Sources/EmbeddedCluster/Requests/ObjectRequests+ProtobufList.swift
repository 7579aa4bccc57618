internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON

extension ObjectRequests {
    /// A list as protobuf. Its length comes before its content, so it cannot be sent before all of it is read.
    func protobufList(
        _ form: ListForm, _ filter: ListFilter, _ query: ListQuery, _ start: ListStart
    ) async throws -> Response {
        var list = ProtobufList(metadata: metadata(start, query))
        try append(filter.apply(start.objects), form, to: &list)
        var (query, unread) = (query, start.unread)
        query.revision = start.revision
        query.limit = query.limit.map { $0 - start.objects.count }
        while let position = unread {
            query.after = position
            let batch = try await store.more(query)
            try append(filter.apply(batch.objects), form, to: &list)
            query.limit = query.limit.map { $0 - batch.objects.count }
            unread = batch.unread
        }
        let isMetadata = if case .metadata = form { true } else { false }
        let document = ProtobufDocument(
            apiVersion: isMetadata ? "meta.k8s.io/v1" : kind.kind.apiVersion,
            kind: isMetadata ? "PartialObjectMetadataList" : "\(kind.kind.kind)List", message: list.message)
        return Response(
            status: .ok,
            headers: [.contentType: ProtobufDocument.mediaType, .cacheControl: "no-cache, private"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes)))
    }

    private func append(_ objects: [StoredObject], _ form: ListForm, to list: inout ProtobufList) throws {
        for object in objects {
            if case .metadata = form {
                list.append(["metadata": try object.metadataJSON()], Schema.type("PartialObjectMetadata"))
            } else {
                list.append(try object.json(), kind.type)
            }
        }
    }
}
