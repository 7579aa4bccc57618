internal import KubernetesAPI
internal import OrderedJSON

/// The same in Swagger 2.0: for kubectl up to 1.28, and for what is built with its libraries, such as Helm.
struct SwaggerDocument: Sendable {
    let json: JSON

    init(_ kinds: [ServedKind]) {
        let schemas = OpenAPISchemas(.v2, kinds)
        let paths = Dictionary(grouping: kinds, by: \.kind.versionPath).values.flatMap { kinds in
            OpenAPIPaths(schemas: schemas).all(kinds).object?.map { ($0.key, Self.pathItem($0.value)) } ?? []
        }
        let types =
            kinds.map(\.type) + kinds.flatMap(\.offeredSubresources).compactMap { Schema.known($0.kind.kind) }
            + ["Status", "DeleteOptions", "APIResourceList"].map(Schema.type)
        json = [
            "swagger": "2.0", "info": ["title": "Kubernetes", "version": "1.36"],
            "paths": .object(JSONObject(paths.sorted { $0.0 < $1.0 })),
            "definitions": schemas.all(types, lists: kinds.filter { $0.verbs.contains("list") }.map(\.type)),
            "securityDefinitions": [
                "BearerToken": [
                    "description": "A bearer token.", "type": "apiKey", "name": "authorization", "in": "header",
                ]
            ], "security": [["BearerToken": []]],
        ]
    }

    private static func pathItem(_ item: JSON) -> JSON {
        .object(
            JSONObject(
                (item.object ?? [:]).map { key, value in
                    (key, key == "parameters" ? parameters(value, body: nil) : operation(value))
                }))
    }

    private static func operation(_ operation: JSON) -> JSON {
        var result: JSON = [:]
        for (key, value) in operation.object ?? [:] {
            switch key {
            case "parameters": continue
            case "requestBody":
                result["consumes"] = .array((value["content"]?.object?.keys ?? []).map { .string($0) })
            case "responses":
                result["produces"] = .array(AnswerMediaType.allCases.map { .string($0.rawValue) })
                result["responses"] = .object(
                    JSONObject((value.object ?? [:]).map { ($0.key, response($0.value)) }))
            default: result[key] = value
            }
        }
        let all = parameters(operation["parameters"] ?? [], body: operation["requestBody"])
        if all.array?.isEmpty == false { result["parameters"] = all }
        return result
    }

    private static func parameters(_ parameters: JSON, body: JSON?) -> JSON {
        var result: [JSON] = []
        if let body {
            result.append([
                "name": "body", "in": "body", "required": .bool(body["required"] == true),
                "schema": body["content"]?.object?.values.first?["schema"] ?? [:],
            ])
        }
        for parameter in parameters.array ?? [] {
            var flat = parameter
            flat["schema"] = nil
            for (key, value) in parameter["schema"]?.object ?? [:] { flat[key] = value }
            result.append(flat)
        }
        return .array(result)
    }

    private static func response(_ response: JSON) -> JSON {
        var result: JSON = ["description": response["description"] ?? ""]
        result["schema"] = response["content"]?.object?.values.first?["schema"]
        return result
    }
}

extension SwaggerDocument {
    static let protobufMediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    /// What older clients call the same.
    static let olderProtobufMediaType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

    /// The types as protobuf, which is the only form that kubectl asks for. It has no use for the paths.
    ///
    /// Source: github.com/google/gnostic, openapiv2/OpenAPIv2.proto.
    var protobuf: [UInt8] {
        var document = ProtobufWriter()
        document.string(1, "2.0")
        document.message(2) { info in
            info.string(1, "Kubernetes")
            info.string(2, "1.36")
        }
        document.message(8, [])
        document.message(9) { Self.append(json["definitions"] ?? [:], to: &$0) }
        return document.bytes
    }

    private static func append(_ schemas: JSON, to writer: inout ProtobufWriter) {
        for (name, schema) in schemas.object ?? [:] {
            writer.message(1) { named in
                named.string(1, name)
                named.message(2) { append(schema: schema, to: &$0) }
            }
        }
    }

    private static func append(schema: JSON, to writer: inout ProtobufWriter) {
        if let reference = schema["$ref"]?.string { writer.string(1, reference) }
        if let format = schema["format"]?.string { writer.string(2, format) }
        if let description = schema["description"]?.string { writer.string(4, description) }
        if let value = schema["default"] { writer.message(5) { $0.string(2, value.text) } }
        for name in schema["required"]?.array ?? [] { writer.string(19, name.string ?? "") }
        if let value = schema["additionalProperties"] {
            writer.message(21) { $0.message(1) { append(schema: value, to: &$0) } }
        }
        if let type = schema["type"]?.string { writer.message(22) { $0.string(1, type) } }
        if let items = schema["items"] { writer.message(23) { $0.message(1) { append(schema: items, to: &$0) } } }
        if let properties = schema["properties"] { writer.message(25) { append(properties, to: &$0) } }
        for (name, value) in schema.object ?? [:] where name.hasPrefix("x-") {
            writer.message(31) { named in
                named.string(1, name)
                // JSON is YAML.
                named.message(2) { $0.string(2, value.text) }
            }
        }
    }
}
