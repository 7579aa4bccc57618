internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON
internal import Synchronization

/// What `kubectl explain` and `kubectl apply` read: the types of the API and what can be done with them. Made when
/// somebody first asks.
final class OpenAPIDocuments: Sendable {
    private let kinds: [ServedKind]
    private let documents = Mutex<[String: TaggedDocument]?>(nil)
    /// As JSON, and as protobuf.
    private let swagger = Mutex<(json: TaggedDocument, protobuf: TaggedDocument)?>(nil)

    init(_ kinds: [ServedKind]) { self.kinds = kinds }

    /// nil for paths that are not about OpenAPI.
    func answer(_ request: ServerRequest) throws -> Response? {
        let path = request.path.hasSuffix("/") ? String(request.path.dropLast()) : request.path
        if path == "/openapi/v2" { return try answerSwagger(request) }
        guard path == Self.root || path.hasPrefix("\(Self.root)/") else { return nil }
        guard request.method == .get || request.method == .head else { throw Status.methodNotAllowed }
        let documents = all()
        guard path != Self.root else { return .text(Self.index(documents).text) }
        guard let document = documents[String(path.dropFirst(Self.root.count + 1))] else { return nil }
        try Self.requireJSON(request)
        return Self.answer(document, path, request)
    }

    private static let root = "/openapi/v3"

    private static func requireJSON(_ request: ServerRequest) throws {
        guard let accept = request.headers[.accept], !accept.isEmpty else { return }
        guard MediaType.clauses(accept).contains(where: { $0.accepts(.json) }) else {
            throw Status(
                code: 406, reason: "NotAcceptable",
                message: "only the following media types are accepted: application/json")
        }
    }

    /// A client that names the document by its hash may keep it for ever; one that names another is led to this one.
    private static func answer(_ document: TaggedDocument, _ path: String, _ request: ServerRequest) -> Response {
        var headers: HTTPFields = [.eTag: document.tag, .vary: "Accept"]
        if let hash = request.query["hash"] {
            guard hash == document.hash else {
                headers = [.location: "\(path)?hash=\(document.hash)"]
                return Response(status: .movedPermanently, headers: headers)
            }
            headers[.cacheControl] = "public, immutable"
        } else {
            headers[.cacheControl] = "no-cache, private"
        }
        guard !document.isNamed(in: request.headers[.ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = AnswerMediaType.json.rawValue
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes)))
    }

    private static func index(_ documents: [String: TaggedDocument]) -> JSON {
        let paths = documents.sorted { $0.key < $1.key }.map { path, document -> (String, JSON) in
            (path, ["serverRelativeURL": .string("\(root)/\(path)?hash=\(document.hash)")])
        }
        return ["paths": .object(JSONObject(paths))]
    }

    private func answerSwagger(_ request: ServerRequest) throws -> Response {
        guard request.method == .get || request.method == .head else { throw Status.methodNotAllowed }
        let (json, protobuf) = swagger.withLock { swagger in
            if let swagger { return swagger }
            let document = SwaggerDocument(kinds)
            let made = (TaggedDocument(document.json), TaggedDocument(document.protobuf))
            swagger = made
            return made
        }
        let accept = request.headers[.accept] ?? ""
        for clause in MediaType.clauses(accept.isEmpty ? "*/*" : accept) {
            switch clause.name {
            case SwaggerDocument.protobufMediaType, SwaggerDocument.olderProtobufMediaType:
                return Self.answer(protobuf, mediaType: SwaggerDocument.protobufMediaType, request)
            case _ where clause.accepts(.json):
                return Self.answer(json, mediaType: AnswerMediaType.json.rawValue, request)
            default: continue
            }
        }
        throw Status(
            code: 406, reason: "NotAcceptable",
            message: "only the following media types are accepted: application/json, "
                + SwaggerDocument.protobufMediaType)
    }

    private static func answer(_ document: TaggedDocument, mediaType: String, _ request: ServerRequest) -> Response {
        var headers: HTTPFields = [.eTag: document.tag, .vary: "Accept", .cacheControl: "no-cache, private"]
        guard !document.isNamed(in: request.headers[.ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = mediaType
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes)))
    }

    private func all() -> [String: TaggedDocument] {
        documents.withLock { documents in
            if let documents { return documents }
            var made: [String: TaggedDocument] = [:]
            for (path, kinds) in Dictionary(grouping: kinds, by: \.kind.versionPath) {
                made[String(path.dropFirst())] = TaggedDocument(
                    Self.document(kinds.sorted { $0.kind.kind < $1.kind.kind }))
            }
            documents = made
            return made
        }
    }

    private static func document(_ kinds: [ServedKind]) -> JSON {
        let schemas = OpenAPISchemas(.v3, kinds)
        var types = kinds.map(\.type)
        types += kinds.flatMap(\.offeredSubresources).compactMap { Schema.known($0.kind.kind) }
        types += ["Status", "DeleteOptions", "APIResourceList"].map(Schema.type)
        let lists = kinds.filter { $0.verbs.contains("list") }.map(\.type)
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "1.36"],
            "paths": OpenAPIPaths(schemas: schemas).all(kinds),
            "components": [
                "schemas": schemas.all(types, lists: lists),
                "securitySchemes": [
                    "BearerToken": [
                        "type": "apiKey", "description": "A bearer token.", "name": "authorization", "in": "header",
                    ]
                ],
            ],
        ]
    }
}
