internal import KubernetesAPI
internal import OrderedJSON

/// A patch of an object, read, and applied to whatever object is there.
///
/// Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
struct ObjectPatch: Sendable {
    private enum Change: Sendable {
        case operations(JSONPatch)
        case merge(JSON)
        case strategic(JSONObject)
    }

    private let kind: ResourceKind
    private let type: ObjectType
    private let validation: FieldValidation
    private let change: Change
    /// What is wrong with the patch in a strict reading.
    private let problems: [String]

    /// - Throws: 400 for what is no patch of that sort, 413 for one of too many operations.
    init(
        _ bytes: [UInt8], _ patchType: PatchType, kind: ResourceKind, type: ObjectType, validation: FieldValidation
    ) throws(Status) {
        self.kind = kind
        self.type = type
        self.validation = validation
        var parser = JSONParser(bytes)
        let json: JSON
        do throws(JSONError) {
            json = try parser.parse()
        } catch {
            throw Self.unreadable(error.goText(in: bytes), patchType, validation)
        }
        let duplicates = parser.duplicateKeys.map { "duplicate field \(JSON.string($0).text)" }
        switch patchType {
        case .json:
            let operations = try Self.operations(json, validation)
            change = .operations(JSONPatch(operations))
            problems = (duplicates + Self.unknownMembers(operations)).map { "json patch \($0)" }
        case .merge, .strategic, .apply:
            guard let members = json.object else {
                throw Self.unreadable(
                    "json: cannot unmarshal \(json.goKind) into Go value of type map[string]interface {}", patchType,
                    validation)
            }
            change = patchType == .strategic ? .strategic(members) : .merge(json)
            problems = duplicates
        }
    }

    private static func unreadable(_ reason: String, _ type: PatchType, _ validation: FieldValidation) -> Status {
        switch (type, validation) {
        case (.json, .ignore), (.strategic, _): .badRequest(reason)
        case (.merge, .ignore): .badRequest("Invalid JSON Patch")
        default: .badRequest("error decoding patch: \(reason)")
        }
    }

    private static func operations(_ json: JSON, _ validation: FieldValidation) throws(Status) -> [JSON] {
        func mismatch(_ value: JSON, _ place: String) -> Status {
            unreadable("json: cannot unmarshal \(value.goKind) into Go \(place)", .json, validation)
        }
        guard let operations = json.array else { throw mismatch(json, "value of type []handlers.jsonPatchOp") }
        for operation in operations {
            guard let members = operation.object else {
                throw mismatch(operation, "value of type handlers.jsonPatchOp")
            }
            for name in ["op", "path", "from"] {
                guard let value = members[name], !value.isNull, value.string == nil else { continue }
                throw mismatch(value, "struct field jsonPatchOp.\(name) of type string")
            }
        }
        guard operations.count <= JSONPatch.operationLimit else {
            throw Status(
                code: 413, reason: "RequestEntityTooLarge",
                message: "Request entity too large: The allowed maximum operations in a JSON patch is "
                    + "\(JSONPatch.operationLimit), got \(operations.count)")
        }
        return operations
    }

    private static func unknownMembers(_ operations: [JSON]) -> [String] {
        operations.enumerated().flatMap { index, operation in
            (operation.object?.keys ?? []).filter { !["op", "path", "from", "value"].contains($0) }.map {
                "unknown field \(JSON.string("[\(index)].\($0)").text)"
            }
        }
    }
}

extension ObjectPatch {
    /// The object as it is after the patch, brought into form.
    ///
    /// - Parameter object: the object that is there, without kind and apiVersion.
    /// - Throws: 422 for a patch that does not apply, or leaves something that is none of the kind.
    func body(_ object: JSON) throws(Status) -> ObjectBody {
        var document: JSON = ["kind": .string(kind.kind), "apiVersion": .string(kind.apiVersion)]
        for (key, value) in object.object ?? [:] { document[key] = value }
        let patched: JSON
        switch change {
        case .operations(let patch):
            do throws(JSONPatch.Failure) {
                patched = try patch.applied(to: document)
            } catch {
                throw .unprocessable
            }
        case .merge(let patch): patched = MergePatch.merged(document, patch)
        case .strategic(let patch): patched = try strategicallyMerged(document, patch)
        }
        return try read(patched)
    }

    private func strategicallyMerged(_ document: JSON, _ patch: JSONObject) throws(Status) -> JSON {
        do throws(StrategicMergePatch.Failure) {
            return .object(try StrategicMergePatch.merged(document.object ?? [:], patch, FieldType.object(type)))
        } catch {
            switch error {
            case .badFormat(let message): throw .badRequest(message)
            case .unprocessable: throw .unprocessable
            case .other(let message): throw Status(code: 500, reason: "", message: message)
            }
        }
    }

    private func read(_ patched: JSON) throws(Status) -> ObjectBody {
        guard var members = patched.object else {
            throw invalid(patched, "json: cannot unmarshal \(patched.goKind) into Go value of type \(type.name)")
        }
        if case .strategic = change {
            if let problem = patched.conversionProblem(.object(type)) { throw invalid(patched, problem) }
        } else {
            try requireKind(members, patched)
        }
        for name in ["kind", "apiVersion"] { members[name] = nil }
        var reader = ObjectReader()
        let object: JSON
        do throws(ObjectReader.Failure) {
            object = try reader.read(.object(members), as: type)
        } catch {
            throw invalid(patched, error.message)
        }
        let problems = self.problems + reader.unknownFields.map { "unknown field \(JSON.string($0).text)" }
        guard validation != .strict || problems.isEmpty else {
            throw invalid(patched, "strict decoding error: \(problems.joined(separator: ", "))")
        }
        var body = ObjectBody(object: object, warnings: validation == .warn ? problems : [])
        body.ownership = FieldOwnership(members["metadata"])
        return body
    }

    private func requireKind(_ members: JSONObject, _ patched: JSON) throws(Status) {
        let (given, version) = (members["kind"]?.string ?? kind.kind, members["apiVersion"]?.string ?? kind.apiVersion)
        guard given == kind.kind, version == kind.apiVersion else {
            throw invalid(patched, "no kind \(JSON.string(given).text) is registered for version \"\(version)\"")
        }
    }

    private func invalid(_ patched: JSON, _ reason: String) -> Status {
        let text: String
        if case .strategic(let patch) = change {
            text = JSON.object(patch).goText
        } else {
            let members = patched.object.map { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
            text = members.map { JSON.object(JSONObject($0)).text } ?? patched.text
        }
        return .invalid(kind: "", group: "", name: "", [.invalid("patch", .string(text), reason)])
    }
}
