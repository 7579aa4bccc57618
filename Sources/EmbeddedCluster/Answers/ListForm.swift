internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore

/// How a list is written: what stands around its items, and each of them.
enum ListForm: Sendable {
    case objects(ResourceKind)
    case metadata
    case table(TableWriter)

    init(_ request: ServerRequest, _ kind: StoredKind, now: Timestamp) throws {
        switch try AcceptedForm(request.headers[.accept], isList: true) {
        case .object: self = .objects(kind.kind)
        case .metadata: self = .metadata
        case .table: self = .table(try TableWriter(kind, includeObject: request.query["includeObject"], now: now))
        }
    }

    /// What comes before the first item.
    ///
    /// - Parameter metadata: the list's, as JSON.
    func opening(metadata: String) -> [UInt8] {
        switch self {
        case .objects(let kind): Self.head("\(kind.kind)List", kind.apiVersion, metadata) + Array(",\"items\":[".utf8)
        case .metadata:
            Self.head("PartialObjectMetadataList", "meta.k8s.io/v1", metadata) + Array(",\"items\":[".utf8)
        case .table(let table):
            Self.head("Table", "meta.k8s.io/v1", metadata) + Array(",\"columnDefinitions\":".utf8) + table.definitions
                + Array(",\"rows\":[".utf8)
        }
    }

    private static func head(_ kind: String, _ apiVersion: String, _ metadata: String) -> [UInt8] {
        Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":\(metadata)".utf8)
    }

    static let closing = Array("]}".utf8)

    /// - Parameter isFirst: whether nothing was written yet, so that no comma comes before.
    func write(_ objects: [StoredObject], to buffer: inout ByteBuffer, _ isFirst: inout Bool) throws {
        for object in objects {
            if !isFirst { buffer.writeInteger(UInt8(ascii: ",")) }
            isFirst = false
            switch self {
            case .objects:
                buffer.writeStaticString("{\"metadata\":")
                buffer.writeBytes(object.metadata)
                buffer.writeBytes(object.content)
            case .metadata:
                buffer.writeStaticString(
                    #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"#)
                buffer.writeBytes(object.metadata)
                buffer.writeInteger(UInt8(ascii: "}"))
            case .table(let table): buffer.writeBytes(try table.row(object))
            }
        }
    }
}
