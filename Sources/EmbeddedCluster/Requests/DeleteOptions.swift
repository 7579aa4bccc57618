internal import HTTPTypes
internal import KubernetesAPI
internal import OrderedJSON

/// How something is to be deleted.
///
/// Source: Kubernetes API reference, meta/v1 `DeleteOptions`; k8s.io/apimachinery/pkg/apis/meta/v1/validation
/// `ValidateDeleteOptions`.
struct DeleteOptions: Sendable {
    var isDryRun = false
    var uid: String?
    var resourceVersion: String?
    /// For kinds whose objects are given time to end.
    var gracePeriodSeconds: Int?
    /// nil: as the object's finalizers say, or the kind.
    var propagation: PropagationPolicy?
    /// The older way to say it, which is answered a little differently.
    var orphansDependents: Bool?
}

extension DeleteOptions {
    /// - Throws: 400 and 422 in Kubernetes' words.
    init(_ request: ServerRequest) async throws {
        let options = try await Self.given(request)
        var errors: [FieldError] = []
        orphansDependents = options["orphanDependents"]?.bool
        let policy = options["propagationPolicy"]?.string
        if let policy, orphansDependents != nil {
            errors.append(
                .invalid(
                    "propagationPolicy", .string(policy),
                    "orphanDependents and deletionPropagation cannot be both set"))
        }
        if let policy, PropagationPolicy(rawValue: policy) == nil {
            errors.append(
                .notSupported(
                    "propagationPolicy", .string(policy), supported: ["Foreground", "Background", "Orphan", "nil"]))
        }
        let dryRun = options["dryRun"]?.array ?? []
        if dryRun.contains(where: { $0.string != "All" }) {
            errors.append(.notSupported("dryRun", .array(dryRun), supported: ["All"]))
        }
        guard errors.isEmpty else {
            throw Status.invalid(kind: "DeleteOptions", group: "meta.k8s.io", name: "", errors)
        }
        isDryRun = !dryRun.isEmpty
        uid = options["preconditions"]?["uid"]?.string
        resourceVersion = options["preconditions"]?["resourceVersion"]?.string
        gracePeriodSeconds = options["gracePeriodSeconds"]?.int
        propagation =
            policy.flatMap { PropagationPolicy(rawValue: $0) }
            ?? orphansDependents.map { $0 ? .orphan : .background }
    }

    /// The body of the request, or its query where there is no body.
    private static func given(_ request: ServerRequest) async throws -> JSON {
        let hasBody =
            request.headers[.contentLength] != nil && request.headers[.contentLength] != "0"
            || request.headers[.transferEncoding] != nil
        guard hasBody else { return try inQuery(request.query) }
        let type = Schema.type("DeleteOptions")
        var body = try await request.objectBody(expecting: "DeleteOptions", type).json
        // Clients send the version of the object's group here.
        if let kind = body["kind"]?.string, !kind.isEmpty, kind != "DeleteOptions" {
            throw Status.badRequest("decoded object cannot be converted to DeleteOptions: it is a \(kind)")
        }
        (body["kind"], body["apiVersion"]) = (nil, nil)
        var reader = ObjectReader()
        do throws(ObjectReader.Failure) {
            body = try reader.read(body, as: type)
        } catch {
            throw Status.badRequest(error.message)
        }
        // A dry run is never mistaken for a real one.
        if body["dryRun"] == nil, let value = request.query["dryRun"] { body["dryRun"] = [.string(value)] }
        return body
    }

    private static func inQuery(_ query: QueryParameters) throws -> JSON {
        var options: JSON = [:]
        if let text = query["gracePeriodSeconds"] {
            guard let seconds = Int(text) else {
                throw Status.badRequest("strconv.ParseInt: parsing \(JSON.string(text).text): invalid syntax")
            }
            options["gracePeriodSeconds"] = .number(JSONNumber(seconds))
        }
        options["orphanDependents"] = query.flag("orphanDependents").map { .bool($0) }
        options["propagationPolicy"] = query["propagationPolicy"].map { .string($0) }
        options["dryRun"] = query["dryRun"].map { [.string($0)] }
        return options
    }
}
