internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON
internal import PositionedYAML
internal import Synchronization

/// Every answer is made as JSON. Here it becomes what the client accepts instead.
extension AcceptedAnswer {
    /// The same answer in the media type that was agreed on. What is no JSON document, such as a log or a stream of
    /// events, stays as it is.
    func encode(_ response: Response) async throws -> Response {
        guard mediaType != .json || isPretty, response.headers[.contentType] == AnswerMediaType.json.rawValue else {
            return response
        }
        var response = response
        switch mediaType {
        case .json: response.body = response.body.indented
        case .yaml:
            let text = try YAMLWriter.document(try await response.body.json())
            response.headers[.contentType] = mediaType.rawValue
            response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: text))
        case .protobuf:
            let json = try await response.body.json()
            guard let document = ProtobufDocument(json) else { throw Status.notAcceptable(.object) }
            response.headers[.contentType] = mediaType.rawValue
            response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes))
        }
        return response
    }

    /// An object that was written, in the form that was agreed on. Reading an object and listing them know the form
    /// themselves.
    func shape(_ response: Response, _ request: ServerRequest, _ kind: StoredKind, now: Timestamp) async throws
        -> Response
    {
        guard form != .object, ["create", "update", "patch", "delete"].contains(request.verb) else { return response }
        let json = try await response.body.json()
        var response = response
        guard json["kind"]?.string != "Status", let metadata = json["metadata"] else {
            response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes + [UInt8(ascii: "\n")]))
            return response
        }
        let bytes: [UInt8]
        switch form {
        case .object, .metadata: bytes = ObjectWriter.partialMetadata(metadata.bytes)
        case .table:
            var object = json
            for name in ["kind", "apiVersion"] { object[name] = nil }
            let table = try TableWriter(kind, includeObject: request.query["includeObject"], now: now)
            let revision = metadata["resourceVersion"]?.string ?? ""
            bytes =
                ListForm.table(table).opening(metadata: "{\"resourceVersion\":\(JSON.string(revision).text)}")
                + (try table.row(
                    StoredObject(
                        key: kind.key(namespace: "", name: ""), revision: 0, metadata: metadata.bytes,
                        content: ObjectDraft(object).content))) + ListForm.closing
        }
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes + [UInt8(ascii: "\n")]))
        return response
    }
}

extension ResponseBody {
    /// The whole body, read as JSON.
    fileprivate func json() async throws -> JSON {
        let collector = BodyCollector()
        try await write(collector)
        return try JSON(parsing: collector.bytes.withLock { $0 })
    }

    /// The same JSON, indented as it passes.
    fileprivate var indented: ResponseBody {
        let body = self
        return ResponseBody { writer in
            try await body.write(IndentingWriter(writer: writer, indenter: JSONIndenter()))
        }
    }
}

/// Takes a body that would have been sent.
private final class BodyCollector: ResponseBodyWriter {
    let bytes = Mutex<[UInt8]>([])

    func write(_ buffer: ByteBuffer) async throws { bytes.withLock { $0 += buffer.readableBytesView } }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

private struct IndentingWriter: ResponseBodyWriter {
    var writer: any ResponseBodyWriter
    var indenter: JSONIndenter

    mutating func write(_ buffer: ByteBuffer) async throws {
        try await writer.write(ByteBuffer(bytes: indenter.indent(buffer.readableBytesView)))
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await writer.finish(trailingHeaders) }
}
