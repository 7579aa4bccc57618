internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON

/// The answers of the API as HTTP responses.
extension Response {
    static func json(
        _ bytes: [UInt8], status: Int = 200, contentType: String = "application/json", warnings: [String] = []
    ) -> Response {
        var headers: HTTPFields = [.contentType: contentType, .cacheControl: "no-cache, private"]
        for warning in Warnings.told(warnings) {
            headers.append(HTTPField(name: .warning, value: "299 - \(JSON.string(warning).text)"))
        }
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes + [UInt8(ascii: "\n")])))
    }

    static func failure(_ status: Status) -> Response {
        var response = json(status.json.bytes, status: status.code)
        if let seconds = status.details?.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    static func text(_ text: String, status: Int = 200) -> Response {
        Response(
            status: HTTPResponse.Status(code: status),
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-cache, private"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// What Kubernetes answers for a path that it does not know.
    static let unknownPath = Response.text("404 page not found\n", status: 404)
}

extension HTTPField.Name {
    fileprivate static var warning: HTTPField.Name {
        HTTPField.Name("Warning") ?? .cacheControl
    }
}

/// Objects as they are sent, made from stored bytes.
struct ObjectWriter: Sendable {
    let kind: ResourceKind

    /// A single object: its kind, and what is stored.
    func object(_ metadata: [UInt8], _ content: [UInt8]) -> [UInt8] {
        typed(kind.kind, kind.apiVersion) + metadata + content
    }

    func object(_ object: StoredObject) -> [UInt8] { self.object(object.metadata, object.content) }

    func object(_ json: JSON) -> [UInt8] {
        let draft = ObjectDraft(json)
        return object(draft.metadata.bytes, draft.content)
    }

    /// An item of a list, which has no kind of its own.
    static func item(_ object: StoredObject) -> [UInt8] {
        Array("{\"metadata\":".utf8) + object.metadata + object.content
    }

    static func partialMetadata(_ metadata: [UInt8]) -> [UInt8] {
        Array("{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":".utf8) + metadata
            + [UInt8(ascii: "}")]
    }

    private func typed(_ kind: String, _ apiVersion: String) -> [UInt8] {
        Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":".utf8)
    }
}
