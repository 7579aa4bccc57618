internal import HTTPTypes
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON

/// How the object of an event is written. The frame around it is not its business.
struct WatchForm: Sendable {
    private enum Form: Sendable {
        case objects(ObjectWriter)
        case metadata
        case table(TableWriter)
    }

    private var form: Form
    /// The columns go with the first event only.
    private var hasDefinedColumns = false

    /// Whether nothing but the metadata of objects is written.
    var isMetadata: Bool {
        if case .metadata = form { true } else { false }
    }

    init(_ request: ServerRequest, _ kind: StoredKind, now: Timestamp) throws {
        switch try AcceptedForm(request.headers[.accept], isList: false) {
        case .object: form = .objects(ObjectWriter(kind: kind.kind))
        case .metadata: form = .metadata
        case .table: form = .table(try TableWriter(kind, includeObject: request.query["includeObject"], now: now))
        }
    }

    mutating func object(of event: WatchEvent, now: Timestamp) throws -> [UInt8] {
        switch event {
        case .added(let object), .modified(let object), .deleted(let object), .bookmark(let object):
            switch form {
            case .objects(let writer): return writer.object(object)
            case .metadata: return ObjectWriter.partialMetadata(object.metadata)
            case .table(var writer):
                writer.now = now
                return try row(object, writer)
            }
        case .error(let status): return status.json.bytes
        }
    }

    private mutating func row(_ object: StoredObject, _ writer: TableWriter) throws -> [UInt8] {
        let definitions = hasDefinedColumns ? Array("null".utf8) : writer.definitions
        hasDefinedColumns = true
        return Array(
            """
            {"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"\(object.revision)"},\
            "columnDefinitions":
            """.utf8) + definitions + Array(",\"rows\":[".utf8) + (try writer.row(object)) + Array("]}".utf8)
    }
}

/// How the events of a watch follow one another on the wire.
enum WatchFraming: Sendable {
    /// A JSON object a line.
    case jsonLines
    /// Protobuf documents, each after its length.
    case protobuf

    init(_ request: ServerRequest) throws {
        self = try AcceptedAnswer(request, for: .stream).mediaType == .protobuf ? .protobuf : .jsonLines
    }

    var contentType: String {
        switch self {
        case .jsonLines: "application/json"
        case .protobuf: "\(ProtobufDocument.mediaType);stream=watch"
        }
    }

    /// - Parameter object: the event's, as its form wrote it.
    func write(_ event: WatchEvent, _ object: [UInt8], to buffer: inout ByteBuffer) throws {
        switch self {
        case .jsonLines:
            buffer.writeString("{\"type\":\"\(event.type)\",\"object\":")
            buffer.writeBytes(object)
            buffer.writeString("}\n")
        case .protobuf:
            guard let document = ProtobufDocument(try JSON(parsing: object)) else { throw Status.internalError }
            // Source: k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto `WatchEvent`.
            var message = ProtobufWriter()
            message.string(1, event.type)
            message.message(2) { $0.message(1, document.bytes) }
            buffer.writeInteger(UInt32(message.bytes.count))
            buffer.writeBytes(message.bytes)
        }
    }
}
