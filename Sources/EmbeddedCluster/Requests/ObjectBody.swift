internal import KubernetesAPI
internal import OrderedJSON

/// An object as a client sent it: brought into form, with what is worth a warning.
struct ObjectBody: Sendable {
    /// Without kind and apiVersion.
    var object: JSON
    let warnings: [String]
    /// Who owns the object's fields.
    var ownership = FieldOwnership.given

    init(object: JSON, warnings: [String]) {
        self.object = object
        self.warnings = warnings
    }

    /// - Throws: 400 for what is no object of the kind, and, with `fieldValidation=Strict`, for fields that it does not
    ///   have.
    init(_ request: ServerRequest, kind: ResourceKind, type: ObjectType) async throws {
        let (json, duplicateFields) = try await request.objectBody(expecting: kind.kind, type)
        func unreadable(_ reason: String) -> Status {
            .badRequest("\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): \(reason)")
        }
        guard var members = json.object else {
            throw unreadable("json: cannot unmarshal \(json.array == nil ? "value" : "array") into Go value")
        }
        try Self.check(members, kind)
        ownership = FieldOwnership(members["metadata"])
        var reader = ObjectReader()
        do throws(ObjectReader.Failure) {
            for name in ["kind", "apiVersion"] { members[name] = nil }
            object = try reader.read(.object(members), as: type)
        } catch {
            throw unreadable(error.message)
        }
        let problems =
            reader.unknownFields.map { "unknown field \(JSON.string($0).text)" }
            + duplicateFields.map { "duplicate field \(JSON.string($0).text)" }
        switch request.query["fieldValidation"] {
        case nil, "Warn": warnings = problems
        case "Ignore": warnings = []
        case "Strict":
            guard problems.isEmpty else {
                throw unreadable("strict decoding error: \(problems.joined(separator: ", "))")
            }
            warnings = []
        case let value?:
            throw Status.invalid(
                kind: "CreateOptions", group: "meta.k8s.io", name: "",
                [.notSupported("fieldValidation", .string(value), supported: ["Ignore", "Strict", "Warn"])])
        }
    }

    /// Gives the object the namespace of the request.
    ///
    /// - Throws: 400 where it names another one.
    mutating func place(in namespace: String) throws {
        var metadata = object["metadata"] ?? [:]
        if let other = metadata["namespace"]?.string, other != namespace {
            throw Status.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        metadata["namespace"] = .string(namespace)
        object["metadata"] = Schema.metadata.ordered(metadata)
    }

    /// A kind that is left out is the one of the path.
    private static func check(_ members: JSONObject, _ kind: ResourceKind) throws {
        let (givenKind, givenVersion) = (members["kind"]?.string ?? "", members["apiVersion"]?.string ?? "")
        if !givenKind.isEmpty, givenKind != kind.kind {
            let version = givenVersion.isEmpty ? kind.apiVersion : givenVersion
            let internalGroup = kind.group.prefix { $0 != "." }
            throw Status.badRequest(
                "\(givenKind) in version \"\(version)\" cannot be handled as a \(kind.kind): converting "
                    + "(\(version.split(separator: "/").last ?? "").\(givenKind)) to "
                    + "(\(internalGroup.isEmpty ? "core" : internalGroup).\(kind.kind)): unknown conversion")
        }
        if !givenVersion.isEmpty, givenVersion != kind.apiVersion {
            throw Status.badRequest(
                "the API version in the data (\(givenVersion)) does not match the expected API version "
                    + "(\(kind.apiVersion))"
            )
        }
    }
}
