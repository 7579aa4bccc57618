internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

/// Server-side apply.
///
/// Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go, `applyPatcher`.
extension ObjectRequests {
    func apply(_ bytes: [UInt8], _ options: WriteOptions) async throws -> Response {
        let config = Result { try ApplyConfiguration(bytes, options.fieldValidation) }
        return try await change(options) {
            guard !isStatus else { throw Status.notFound(kind.kind, path.name) }
            let body = try applied(try config.get(), to: kind.type.zero, options)
            let metadata = body.object["metadata"] ?? [:]
            if let uid = metadata["uid"]?.string {
                throw Status.conflict(
                    kind.kind, path.name,
                    "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
            }
            try requireSameIdentity(metadata, [:])
            try await requireRightToCreate()
            do {
                return try await create(body, options)
            } catch let status as Status where status.reason == "AlreadyExists" {
                // Somebody else was faster, so now there is something to be merged with.
                return nil
            }
        } _: { old in
            let body = try applied(try config.get(), to: old, options)
            try requireSameIdentity(body.object["metadata"] ?? [:], old["metadata"] ?? [:])
            return body
        }
    }

    private func applied(_ config: ApplyConfiguration, to live: JSON, _ options: WriteOptions) throws -> ObjectBody {
        let wanted = ownPart(of: try config.object(of: kind.kind, kind.type))
        guard let owners = ManagedFields(live["metadata"]?["managedFields"]) else {
            throw Status(code: 500, reason: "", message: "failed to decode managed fields")
        }
        var applied = try applied(owners, live, wanted, options)
        if options.fieldManager == LastApplied.manager { LastApplied.update(&applied.object, config.members) }
        var reader = ObjectReader()
        do throws(ObjectReader.Failure) {
            var body = ObjectBody(
                object: try reader.read(applied.object, as: kind.type), warnings: config.warnings)
            body.ownership = .applied(applied.owners)
            return body
        } catch {
            throw Status(
                code: 500, reason: "",
                message: "failed to convert new object (\(namespace)/\(path.name); \(kind.kind.goName)) to proper "
                    + "version: \(error.message)")
        }
    }

    private func applied(
        _ owners: ManagedFields, _ live: JSON, _ config: JSON, _ options: WriteOptions
    ) throws -> FieldTracker.Applied {
        let tracker = tracker
        func apply(force: Bool) throws(FieldConflicts) -> FieldTracker.Applied {
            try tracker.applied(owners, live, config, by: options.fieldManager, isForced: force)
        }
        do throws(FieldConflicts) {
            return try apply(force: options.isForced)
        } catch {
            guard options.fieldManager == LastApplied.manager else { throw Status(error) }
            let rest = error.subtracting(LastApplied.fields(live, kind.kind, tracker.shape))
            guard rest.isEmpty, let forced = try? apply(force: true) else { throw Status(rest) }
            return forced
        }
    }

    /// What an apply may say: on the status alone, or on everything but the status.
    private func ownPart(of config: JSON) -> JSON {
        guard kind.hasStatus else { return config }
        let members = (config.object ?? [:]).filter { isStatus == ($0.key == "status") || $0.key == "metadata" }
        return .object(JSONObject(members.map { ($0.key, $0.value) }))
    }
}

/// What a client wants an object to say.
struct ApplyConfiguration: Sendable {
    let members: JSONObject
    let warnings: [String]

    /// - Throws: 400 for what is no object.
    init(_ bytes: [UInt8], _ validation: FieldValidation) throws(Status) {
        let (json, duplicates) = try Self.document(bytes)
        guard let members = json.object else {
            throw .badRequest(
                "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
                    + "\(json.goKind) into Go value of type map[string]interface {}")
        }
        self.members = members
        let problems = duplicates.map { name in
            let key = JSON.string(name.split(separator: ".").last.map(String.init) ?? name).text
            return "error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key \(key) already set in map"
        }
        guard validation != .strict || problems.isEmpty else {
            throw .badRequest("error strict decoding YAML: \(problems[0])")
        }
        warnings = validation == .warn ? problems : []
    }

    /// YAML, which JSON is, too. Names that are given twice are told apart from other faults in JSON only.
    private static func document(_ bytes: [UInt8]) throws(Status) -> (json: JSON, duplicates: [String]) {
        if bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") {
            var parser = JSONParser(bytes)
            if let json = try? parser.parse() { return (json, parser.duplicateKeys) }
        }
        do throws(YAMLReader.Failure) {
            return (try YAMLReader.json(bytes), [])
        } catch {
            throw .badRequest("error decoding YAML: error converting YAML to JSON: \(error.message)")
        }
    }

    /// The object without its kind.
    ///
    /// - Throws: 400 for another kind, 500 for what is not of the kind's types, as Kubernetes does.
    func object(of kind: ResourceKind, _ type: ObjectType) throws(Status) -> JSON {
        let (group, version) = Self.groupAndVersion(members["apiVersion"]?.string ?? "")
        let name = members["kind"]?.string ?? ""
        guard group == kind.group, version == kind.version, name == kind.kind else {
            throw .badRequest("invalid object type: \(group)/\(version), Kind=\(name)")
        }
        guard members["metadata"]?["managedFields"]?.isNull ?? true else {
            throw .badRequest("metadata.managedFields must be nil")
        }
        var members = members
        for name in ["kind", "apiVersion"] { members[name] = nil }
        let object = JSON.object(members)
        let check = FieldSchemaCheck(object, type)
        guard check.problems.isEmpty else {
            throw Status(
                code: 500, reason: "",
                message: "failed to create typed patch object (\(object.objectNamespace ?? "")/"
                    + "\(object.objectName ?? ""); \(kind.goName)): \(check.text)")
        }
        return object
    }

    private static func groupAndVersion(_ text: String) -> (group: Substring, version: Substring) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 ? (parts[0], parts[1]) : ("", parts.first ?? "")
    }
}

extension ResourceKind {
    /// As Go's `GroupVersionKind` prints itself.
    fileprivate var goName: String { "\(group)/\(version), Kind=\(kind)" }
}
