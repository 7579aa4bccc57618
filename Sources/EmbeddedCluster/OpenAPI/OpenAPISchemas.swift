internal import KubernetesAPI
internal import OrderedJSON

/// The types of the API as OpenAPI schemas.
struct OpenAPISchemas: Sendable {
    enum Version: Sendable {
        /// Swagger 2.0, which clients of before Kubernetes 1.24 read.
        case v2
        case v3
    }

    let version: Version
    /// The kinds that a type is, by the type's name.
    private let kinds: [String: [ResourceKind]]

    init(_ version: Version, _ kinds: [ServedKind]) {
        self.version = version
        var all: [String: [ResourceKind]] = [:]
        for served in kinds {
            all[served.kind.kind, default: []].append(served.kind)
            for subresource in served.offeredSubresources where all[subresource.kind.kind] == nil {
                all[subresource.kind.kind] = [subresource.kind]
            }
        }
        self.kinds = all
    }

    static func name(_ type: ObjectType) -> String { "\(type.package).\(type.name)" }

    func reference(_ name: String) -> JSON {
        let place = version == .v2 ? "#/definitions/" : "#/components/schemas/"
        return ["$ref": .string(place + name)]
    }

    /// The schemas of these types and of all that they are made of.
    ///
    /// - Parameter lists: the types of which there are lists.
    func all(_ types: [ObjectType], lists: [ObjectType]) -> JSON {
        var schemas: [String: JSON] = Self.plain(version)
        for type in types + [Schema.type("ListMeta")] { add(type, to: &schemas) }
        for type in lists { schemas["\(Self.name(type))List"] = list(type) }
        return .object(JSONObject(schemas.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }

    private func add(_ type: ObjectType, to schemas: inout [String: JSON]) {
        guard schemas[Self.name(type)] == nil else { return }
        schemas[Self.name(type)] = schema(type)
        for field in type.fields {
            if let inner = field.type.object { add(inner, to: &schemas) }
        }
    }

    private func schema(_ type: ObjectType) -> JSON {
        var properties: [String: JSON] = [:]
        for field in type.fields { properties[field.name] = property(field) }
        var schema: JSON = [:]
        if !type.description.isEmpty { schema["description"] = .string(type.description) }
        schema["type"] = "object"
        let required = type.fields.filter { $0.isRequired(in: type) }.map { JSON.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        let kinds =
            kinds[type.name] ?? (type.name == "Status" || type.name == "DeleteOptions" ? [.meta(type.name)] : [])
        if !kinds.isEmpty { properties.merge(Self.kindProperties) { _, new in new } }
        if !properties.isEmpty { schema["properties"] = Self.sorted(properties) }
        if !kinds.isEmpty { schema["x-kubernetes-group-version-kind"] = .array(kinds.map { Self.kind($0) }) }
        return schema
    }

    private func list(_ type: ObjectType) -> JSON {
        let items: JSON = ["description": "The objects of the list.", "type": "array", "items": item(.object(type))]
        var properties: [String: JSON] = [
            "items": items,
            "metadata": described(
                reference(Self.name(Schema.type("ListMeta"))), "The list's own metadata.", default: [:]),
        ]
        properties.merge(Self.kindProperties) { _, new in new }
        let kinds = (kinds[type.name] ?? []).map { Self.kind($0, suffix: "List") }
        return [
            "description": .string("A list of objects of the kind \(type.name)."), "type": "object",
            "required": ["items"], "properties": Self.sorted(properties),
            "x-kubernetes-group-version-kind": .array(kinds),
        ]
    }

    private static func kind(_ kind: ResourceKind, suffix: String = "") -> JSON {
        [
            "group": .string(kind.group), "kind": .string(kind.kind + suffix), "version": .string(kind.version),
        ]
    }

    static func groupVersionKind(_ kind: ResourceKind) -> JSON { Self.kind(kind) }

    // MARK: - Properties

    private func property(_ field: Field) -> JSON {
        var property = described(value(field.type), field.description, default: field.defaultValue)
        let merging = field.merging
        if case .list = field.type {
            if !merging.mapKeys.isEmpty {
                property["x-kubernetes-list-map-keys"] = .array(merging.mapKeys.map { .string($0) })
                property["x-kubernetes-list-type"] = "map"
            } else {
                property["x-kubernetes-list-type"] = merging.isSet ? "set" : "atomic"
            }
        } else if merging.isAtomic {
            property["x-kubernetes-map-type"] = "atomic"
        }
        if let key = merging.patchKey {
            if !key.isEmpty { property["x-kubernetes-patch-merge-key"] = .string(key) }
            property["x-kubernetes-patch-strategy"] = merging.retainsKeys ? "merge,retainKeys" : "merge"
        } else if merging.retainsKeys {
            property["x-kubernetes-patch-strategy"] = "retainKeys"
        }
        return property
    }

    /// A reference takes nothing beside it in version 3, so it is wrapped.
    private func described(_ value: JSON, _ description: String, default defaultValue: JSON?) -> JSON {
        var described: JSON = [:]
        if !description.isEmpty { described["description"] = .string(description) }
        if let defaultValue { described["default"] = defaultValue }
        if value["$ref"] != nil, version == .v3 {
            guard !(described.object?.isEmpty ?? true) else { return value }
            described["allOf"] = [value]
            return described
        }
        for (key, member) in value.object ?? [:] { described[key] = member }
        return described
    }

    private func value(_ type: FieldType) -> JSON {
        switch type {
        case .string: ["type": "string"]
        case .int32: ["type": "integer", "format": "int32"]
        case .int64: ["type": "integer", "format": "int64"]
        case .boolean: ["type": "boolean"]
        case .bytes: ["type": "string", "format": "byte"]
        case .time: reference("\(Self.meta).Time")
        case .microTime: reference("\(Self.meta).MicroTime")
        case .quantity: reference("io.k8s.apimachinery.pkg.api.resource.Quantity")
        case .intOrString: reference("io.k8s.apimachinery.pkg.util.intstr.IntOrString")
        case .any: reference("\(Self.meta).FieldsV1")
        case .list(let element): ["type": "array", "items": item(element)]
        case .map(let element): ["type": "object", "additionalProperties": item(element)]
        case .object(let type): reference(Self.name(type))
        }
    }

    private func item(_ type: FieldType) -> JSON {
        let defaultValue: JSON? =
            switch type {
            case .string: ""
            case .int32, .int64: 0
            case .object: [:]
            default: nil
            }
        return described(value(type), "", default: version == .v3 ? defaultValue : nil)
    }

    private static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1"

    /// The types that are no objects.
    private static func plain(_ version: Version) -> [String: JSON] {
        let time: JSON = [
            "description": "A moment, as RFC 3339 has it: 2026-11-23T23:30:33Z.", "type": "string",
            "format": "date-time",
        ]
        var quantity: JSON = [
            "description": "An amount with a unit: 500m is a half, 1Gi are 1073741824, 1G are 1000000000."
        ]
        var intOrString: JSON = ["description": "A number, or a name that stands for one."]
        switch version {
        case .v2:
            quantity["type"] = "string"
            intOrString["type"] = "string"
        case .v3:
            quantity["oneOf"] = [["type": "string"], ["type": "number"]]
            intOrString["oneOf"] = [["type": "integer"], ["type": "string"]]
        }
        intOrString["format"] = "int-or-string"
        return [
            "\(meta).Time": time, "\(meta).MicroTime": time,
            "\(meta).FieldsV1": [
                "description":
                    "Fields that somebody manages, as a tree: each member is the name of a field after f:, of a list's element after k: or v:.",
                "type": "object",
            ],
            "\(meta).Patch": [
                "description": "A change to an object, in the form that the content type says.", "type": "object",
            ],
            "io.k8s.apimachinery.pkg.api.resource.Quantity": quantity,
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString": intOrString,
        ]
    }

    private static let kindProperties: [String: JSON] = [
        "apiVersion": [
            "description": "The group and the version of the API that the object is written for, such as batch/v1.",
            "type": "string",
        ],
        "kind": ["description": "What sort of object this is, such as Secret.", "type": "string"],
    ]

    private static func sorted(_ members: [String: JSON]) -> JSON {
        .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
}

extension ResourceKind {
    fileprivate static func meta(_ kind: String) -> ResourceKind {
        ResourceKind(group: "", version: "v1", kind: kind, resource: "", scope: .cluster)
    }
}

extension Field {
    /// Whether an object without the field is refused.
    ///
    /// Kubernetes has it so for the fields that its types always write, but for those that are there for the server to
    /// fill in.
    fileprivate func isRequired(in parent: ObjectType) -> Bool {
        guard presence == .always || presence == .alwaysOrNull else { return false }
        switch (parent.name, name) {
        case ("Role", "rules"), ("ClusterRole", "rules"), ("ProjectedVolumeSource", "sources"),
            ("GRPCAction", "service"):
            return false
        case ("Event", "reportingComponent"), ("Event", "reportingInstance"): return false
        case (_, "spec"): return parent.name.hasSuffix("Review") || parent.name == "TokenRequest"
        case (_, "metadata"): return parent.name == "Event"
        case (_, "boundObjectRef"), (_, "expirationSeconds"), (_, "divisor"), (_, "preferredVersion"): return false
        case (_, "status"), (_, "state"), (_, "lastState"), (_, "resources"), (_, "source"), (_, "user"),
            (_, "userInfo"):
            if case .object = type { return false }
            return true
        default: return true
        }
    }

    /// What the field is where nothing is said.
    fileprivate var defaultValue: JSON? {
        switch (type, presence) {
        case (.string, .always), (.int32, .always), (.int64, .always), (.boolean, .always): type.zero
        case (.object, .always): [:]
        default: nil
        }
    }
}

extension FieldType {
    /// The type of the objects that are in it.
    fileprivate var object: ObjectType? {
        switch self {
        case .object(let type): type
        case .list(let element), .map(let element): element.object
        default: nil
        }
    }
}
