internal import KubernetesAPI
internal import OrderedJSON

/// What can be done under which path, as OpenAPI 3 says it.
struct OpenAPIPaths: Sendable {
    let schemas: OpenAPISchemas

    /// The paths of the kinds of one group and version.
    func all(_ kinds: [ServedKind]) -> JSON {
        var paths: [String: JSON] = [:]
        if let first = kinds.first?.kind {
            paths["\(first.versionPath)/"] = [
                "get": [
                    "tags": [.string(first.tag)], "description": "Tells which kinds there are.",
                    "operationId": .string("get\(first.operationGroup)APIResources"),
                    "responses": responses("io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList", ["200"]),
                ]
            ]
        }
        for served in kinds { add(served, to: &paths) }
        return .object(JSONObject(paths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }

    private func add(_ served: ServedKind, to paths: inout [String: JSON]) {
        let kind = served.kind
        let isNamespaced = kind.scope == .namespaced
        let collection = kind.path(namespace: isNamespaced ? "{namespace}" : nil)
        let place = isNamespaced ? [Self.namespace] : []
        func operations(_ verbs: [Verb], _ allowed: [String]) -> [(String, JSON)] {
            verbs.filter { allowed.contains($0.name) }.map {
                ($0.method, operation($0, kind, isNamespaced: isNamespaced))
            }
        }
        func pathItem(_ operations: [(String, JSON)], _ parameters: [JSON]) -> JSON {
            .object(JSONObject(operations + [("parameters", .array(parameters + [Self.pretty]))]))
        }
        let onCollection = operations([.list, .create, .deleteCollection], served.verbs)
        if !onCollection.isEmpty { paths[collection] = pathItem(onCollection, place) }
        let onObject = operations([.get, .update, .patch, .delete], served.verbs)
        if !onObject.isEmpty { paths["\(collection)/{name}"] = pathItem(onObject, [Self.name] + place) }
        if isNamespaced, served.verbs.contains("list") {
            var everywhere = operation(.list, kind, isNamespaced: false)
            everywhere["operationId"] = .string("list\(kind.operationGroup)\(kind.kind)ForAllNamespaces")
            paths[kind.path()] = pathItem([("get", everywhere)], [])
        }
        for subresource in served.offeredSubresources where Schema.known(subresource.kind.kind) != nil {
            let operations = subresource.verbs.compactMap(Verb.init(named:)).map { verb in
                (verb.method, operation(verb, kind, isNamespaced: isNamespaced, subresource: subresource))
            }
            paths["\(collection)/{name}/\(subresource.name)"] = pathItem(operations, [Self.name] + place)
        }
    }

    private func operation(
        _ verb: Verb, _ kind: ResourceKind, isNamespaced: Bool, subresource: OfferedSubresource? = nil
    ) -> JSON {
        let subject = subresource?.kind ?? kind
        let type = OpenAPISchemas.name(Schema.type(subject.kind))
        let suffix = subresource.map { $0.name.prefix(1).uppercased() + $0.name.dropFirst() } ?? ""
        let scope = isNamespaced ? "Namespaced" : ""
        var operation: JSON = [
            "tags": [.string(kind.tag)],
            "description": .string("\(verb.description) \(subresource?.name ?? kind.kind)."),
            "operationId": .string(
                "\(verb.operation)\(kind.operationGroup)\(verb.prefix)\(scope)\(kind.kind)\(suffix)"),
        ]
        let parameters = verb.parameters.map(Self.parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        switch verb {
        case .create, .update:
            operation["requestBody"] = ["content": ["*/*": ["schema": schemas.reference(type)]], "required": true]
        case .patch:
            let patch: JSON = ["schema": schemas.reference("io.k8s.apimachinery.pkg.apis.meta.v1.Patch")]
            operation["requestBody"] = [
                "content": .object(
                    JSONObject(
                        [
                            "application/apply-patch+yaml", "application/json-patch+json",
                            "application/merge-patch+json", "application/strategic-merge-patch+json",
                        ].map { ($0, patch) })), "required": true,
            ]
        case .delete, .deleteCollection:
            let options = OpenAPISchemas.name(Schema.type("DeleteOptions"))
            operation["requestBody"] = ["content": ["*/*": ["schema": schemas.reference(options)]]]
        case .get, .list: break
        }
        let status = OpenAPISchemas.name(Schema.type("Status"))
        let answer =
            switch verb {
            case .list: "\(type)List"
            case .delete, .deleteCollection: status
            default: type
            }
        operation["responses"] = responses(answer, verb.statuses)
        operation["x-kubernetes-action"] = .string(verb.action)
        operation["x-kubernetes-group-version-kind"] = OpenAPISchemas.groupVersionKind(subject)
        return operation
    }

    private func responses(_ schema: String, _ statuses: [String]) -> JSON {
        let content: JSON = .object(
            JSONObject(
                ["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"].map {
                    ($0, ["schema": schemas.reference(schema)])
                }))
        let descriptions = ["200": "OK", "201": "Created", "202": "Accepted"]
        var responses: JSON = [:]
        for status in statuses {
            responses[status] = ["description": .string(descriptions[status] ?? ""), "content": content]
        }
        responses["401"] = ["description": "Unauthorized"]
        return responses
    }

    private enum Verb {
        case list, create, deleteCollection, get, update, patch, delete

        init?(named name: String) {
            switch name {
            case "create": self = .create
            case "get": self = .get
            case "update": self = .update
            case "patch": self = .patch
            case "delete": self = .delete
            default: return nil
            }
        }

        /// As Roles name it.
        var name: String {
            switch self {
            case .list: "list"
            case .create: "create"
            case .deleteCollection: "deletecollection"
            case .get: "get"
            case .update: "update"
            case .patch: "patch"
            case .delete: "delete"
            }
        }

        var method: String {
            switch self {
            case .list, .get: "get"
            case .create: "post"
            case .update: "put"
            case .patch: "patch"
            case .delete, .deleteCollection: "delete"
            }
        }

        var action: String {
            switch self {
            case .create: "post"
            case .update: "put"
            default: name
            }
        }

        /// How the identifier of the operation begins.
        var operation: String {
            switch self {
            case .list: "list"
            case .create: "create"
            case .get: "read"
            case .update: "replace"
            case .patch: "patch"
            case .delete, .deleteCollection: "delete"
            }
        }

        var prefix: String { self == .deleteCollection ? "Collection" : "" }

        var description: String {
            switch self {
            case .list: "Lists or watches objects of the kind"
            case .create: "Creates a"
            case .deleteCollection: "Deletes all chosen objects of the kind"
            case .get: "Reads the"
            case .update: "Replaces the"
            case .patch: "Changes the"
            case .delete: "Deletes the"
            }
        }

        var statuses: [String] {
            switch self {
            case .create: ["200", "201", "202"]
            case .update, .patch: ["200", "201"]
            case .delete: ["200", "202"]
            case .get, .list, .deleteCollection: ["200"]
            }
        }

        var parameters: [String] {
            let listing = [
                "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
                "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",
            ]
            return switch self {
            case .list: listing
            case .create, .update: ["dryRun", "fieldManager", "fieldValidation"]
            case .patch: ["dryRun", "fieldManager", "fieldValidation", "force"]
            case .delete: ["dryRun", "gracePeriodSeconds", "propagationPolicy"]
            case .deleteCollection:
                ["continue", "dryRun", "fieldSelector", "labelSelector", "limit", "propagationPolicy"]
            case .get: []
            }
        }
    }
}

extension OpenAPIPaths {
    private static let name: JSON = [
        "name": "name", "in": "path", "description": "The object's name.", "required": true,
        "schema": ["type": "string", "uniqueItems": true],
    ]
    private static let namespace: JSON = [
        "name": "namespace", "in": "path", "description": "The namespace that the object is in.", "required": true,
        "schema": ["type": "string", "uniqueItems": true],
    ]
    private static let pretty = parameter("pretty")

    private static func parameter(_ name: String) -> JSON {
        let (type, description) = queryParameters[name] ?? ("string", "")
        return [
            "name": .string(name), "in": "query", "description": .string(description),
            "schema": ["type": .string(type), "uniqueItems": true],
        ]
    }

    private static let queryParameters: [String: (type: String, description: String)] = [
        "pretty": ("string", "'true' indents JSON, which is done for curl, Wget and browsers unless it is 'false'."),
        "allowWatchBookmarks": ("boolean", "A watch may tell from time to time how far it is."),
        "continue": ("string", "Where a list goes on that was cut at its limit: what stood in its metadata."),
        "fieldSelector": ("string", "Only objects whose fields have these values: metadata.name=a,type!=Opaque."),
        "labelSelector": ("string", "Only objects whose labels are so: app=a,tier in (b,c),!d."),
        "limit": ("integer", "How many objects a list has at most; the rest is asked for with continue."),
        "resourceVersion": ("string", "How old the answer may be, or from where a watch goes on."),
        "resourceVersionMatch": ("string", "How resourceVersion is meant: Exact or NotOlderThan."),
        "sendInitialEvents": ("boolean", "A watch begins with the objects that there are."),
        "timeoutSeconds": ("integer", "How long a list or a watch lasts at most."),
        "watch": ("boolean", "Answers with the changes to come rather than with a list."),
        "dryRun": ("string", "'All' makes all checks, and writes nothing."),
        "fieldManager": ("string", "Who is said to have set the fields that change."),
        "fieldValidation": (
            "string",
            "What comes of fields that the kind does not have, and of those given twice: Ignore, Warn or Strict."
        ),
        "force": ("boolean", "An apply takes fields over from other managers rather than fail."),
        "gracePeriodSeconds": ("integer", "How long the object may take to end."),
        "propagationPolicy": ("string", "What becomes of dependents: Orphan, Background or Foreground."),
    ]
}

extension ResourceKind {
    /// `core_v1`, `rbacAuthorization_v1`
    fileprivate var tag: String {
        let words = groupWords
        return (words.first ?? "") + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            + "_\(version)"
    }

    /// `CoreV1`, `RbacAuthorizationV1`
    fileprivate var operationGroup: String {
        (groupWords + [version]).map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private var groupWords: [String] {
        let own = group.hasSuffix(".k8s.io") ? group.dropLast(7) : group[...]
        return own.isEmpty ? ["core"] : own.split(separator: ".").map(String.init)
    }
}
